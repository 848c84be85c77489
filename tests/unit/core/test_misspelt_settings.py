import pytest
from pulumi.dynamic.config import Config
from pulumi_sinch.core.misspelt_settings import misspelt_settings
from pulumi_sinch.core.settings import ENVIRONMENT
from pulumi_sinch.provider import _config_keys


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("project", "projectId"),
        ("projectID", "projectId"),
        ("project_id", "projectId"),
        ("keyID", "keyId"),
        ("key-id", "keyId"),
        ("keysecret", "keySecret"),
        ("api_url", "apiUrl"),
        ("authURL", "authUrl"),
        ("timeouts", "timeout"),
        ("pre-flight", "preflight"),
    ],
)
def test_a_near_miss_is_named_with_a_suggestion(key: str, meant: str) -> None:
    """A key that differs in case, hyphens, underscores or a few letters is reported with a suggestion."""
    sentence = f"unknown setting `sinch:{key}`, did you mean `sinch:{meant}`?"
    assert [*misspelt_settings([f"sinch:{key}"], ENVIRONMENT)] == [(key, sentence)]


@pytest.mark.parametrize(
    "key",
    [
        *(f"sinch:{key}" for key in ENVIRONMENT),
        "sinch:accessKey",
        "sinch:key",
        "sinch:region",
        "sinch:version",
        "sinch:pluginDownloadURL",
        "shop:project",
        "project",
        "sinch:",
    ],
)
def test_other_keys_are_ignored(key: str) -> None:
    """Settings, keys that resemble none, and keys of other namespaces are not reported."""
    assert [*misspelt_settings([key], ENVIRONMENT)] == []


def test_the_sdk_lists_the_keys_of_a_config() -> None:
    """If the SDK's private list of keys is missing, misspelt settings are not found and nothing fails."""
    assert _config_keys(Config({"sinch:project": "p", "shop:x": 1}, "shop")) == ["sinch:project", "shop:x"]
    assert _config_keys(object()) == []
