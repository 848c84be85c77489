import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.core import settings
from pulumi_sinch.core.settings import DEFAULT_API_URL, DEFAULT_AUTH_URL, ENVIRONMENT, Settings

KEY = {"keyId": "key-id", "keySecret": "key-s3cret"}


def read(config: Mapping[str, Any] | None = None, **environment: str) -> Settings:
    """Read settings from config keys without ``sinch:``, and from environment variables."""
    full = {f"sinch:{key}": value for key, value in (config or {}).items()}
    return Settings.read(full.get, environment)


def test_defaults() -> None:
    """No setting is required until a request is sent, and missing ones have the documented default."""
    assert read() == Settings(
        project_id="",
        auth="oauth2",
        api_url="https://provisioning.api.sinch.com",
        auth_url="https://auth.sinch.com",
        timeout=30.0,
        preflight="off",
    )
    assert read().problems == ()


SAMPLES = {
    "projectId": ("one", "two", "project_id"),
    "keyId": ("one", "two", "key_id"),
    "accessToken": ("one", "two", "access_token"),
    "auth": ("basic", "oauth2", "auth"),
    "apiUrl": ("https://one.example", "https://two.example", "api_url"),
    "authUrl": ("https://one.example", "https://two.example", "auth_url"),
    "timeout": ("1", "2", "timeout"),
    "preflight": ("warn", "error", "preflight"),
}


def test_each_setting_is_validated_and_has_a_sample() -> None:
    """A new setting needs a place in `_VALIDATED` and a sample here."""
    assert sorted(settings._VALIDATED) == sorted(ENVIRONMENT)
    assert {*SAMPLES} == {*ENVIRONMENT} - {"keySecret"}, "add the new setting to SAMPLES"


@pytest.mark.parametrize("key", SAMPLES)
def test_config_wins_over_the_environment(key: str) -> None:
    """Each key has a variable. Config takes precedence, unless it is blank."""
    configured, exported, attribute = SAMPLES[key]
    wanted = float(configured) if key == "timeout" else configured
    other = float(exported) if key == "timeout" else exported
    assert getattr(read({key: configured}, **{ENVIRONMENT[key]: exported}), attribute) == wanted
    if key != "projectId":
        assert getattr(read({key: "  "}, **{ENVIRONMENT[key]: f" {exported}\n"}), attribute) == other


def test_the_project_of_the_environment_is_kept_apart() -> None:
    """Only a webhook that will be created may use the project of the environment."""
    settings = read({}, SINCH_PROJECT_ID=" p ")
    assert (settings.project_id, settings.environment_project_id) == ("", "p")


@pytest.mark.parametrize(
    ("config", "environment", "expected"),
    [
        (KEY, {}, ("key-id", "key-s3cret", "")),
        ({}, KEY, ("key-id", "key-s3cret", "")),
        ({}, {"accessToken": "t"}, ("", "", "t")),
        # both kinds in one source: the token is used
        ({**KEY, "accessToken": "t"}, {}, ("", "", "t")),
        # the first source with any part decides the kind
        (KEY, {"accessToken": "t"}, ("key-id", "key-s3cret", "")),
        ({"accessToken": "t"}, KEY, ("", "", "t")),
        ({"keyId": "other"}, {"accessToken": "t"}, ("other", "", "")),
        # only a missing keySecret is completed
        ({"keyId": "other"}, KEY, ("other", "key-s3cret", "")),
        ({"keySecret": "other"}, KEY, ("", "other", "")),
        # blank means not set
        ({"keyId": " ", "keySecret": "", "accessToken": "\t"}, KEY, ("key-id", "key-s3cret", "")),
        ({}, {}, ("", "", "")),
    ],
)
def test_kinds_of_credential(
    config: dict[str, str], environment: dict[str, str], expected: tuple[str, str, str]
) -> None:
    """A token or a key is used, never parts of both. A key id is not combined with another kind's secret."""
    exported = {ENVIRONMENT[key]: value for key, value in environment.items()}
    settings = read(config, **exported)
    assert (settings.key_id, settings.key_secret, settings.access_token) == expected
    assert settings.can_authenticate is bool(expected[2] or (expected[0] and expected[1]))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"timeout": 12.5}, {"timeout": 12.5}),
        ({"timeout": 12}, {"timeout": 12.0}),
        ({"timeout": "12.5"}, {"timeout": 12.5}),
        ({"timeout": 3600}, {"timeout": 3600.0}),
        ({"projectId": 12345.0}, {"project_id": "12345"}),
        ({"keyId": 7, "keySecret": 8.0}, {"key_id": "7", "key_secret": "8"}),
    ],
)
def test_typed_values(config: dict[str, Any], expected: dict[str, Any]) -> None:
    """Numbers from an explicit provider, which arrive as floats, and strings from config are both read."""
    settings = read(config)
    assert {name: getattr(settings, name) for name in expected} == expected
    assert settings.problems == ()


@pytest.mark.parametrize(
    "value", ["0", "-1", "soon", "nan", "inf", "3601", "1e9", True, False, math.inf, math.nan, [], {}, [30.0]]
)
def test_bad_timeouts(value: Any) -> None:
    """A timeout is a number of seconds above 0, up to an hour. Another value is reported and not used."""
    settings = read({"timeout": value})
    assert settings.problems == (
        "sinch:timeout (SINCH_TIMEOUT) must be a number of seconds above 0, at most 3600",
    )
    assert settings.timeout == 30.0


@pytest.mark.parametrize("value", ["Basic", "token", True, 1.0, {"a": 1.0}])
@pytest.mark.parametrize(("key", "allowed"), [("auth", "oauth2, basic"), ("preflight", "off, warn, error")])
def test_bad_choices(key: str, allowed: str, value: Any) -> None:
    """The problem of a choice names the allowed values."""
    settings = read({key: value})
    assert settings.problems == (f"sinch:{key} ({ENVIRONMENT[key]}) must be one of {allowed}",)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:8443/base//", "https://api.example.com:8443/base"),
        (" https://api.example.com\n", "https://api.example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://api.example.com:1", "https://api.example.com:1"),
    ],
)
@pytest.mark.parametrize(("key", "attribute"), [("apiUrl", "api_url"), ("authUrl", "auth_url")])
def test_good_urls(key: str, attribute: str, value: str, stored: str) -> None:
    """Any https URL is valid. http is valid for this machine only."""
    settings = read({key: value})
    assert (getattr(settings, attribute), settings.problems) == (stored, ())


@pytest.mark.parametrize(
    "value",
    [
        "http://api.example.com",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://128.0.0.1",
        "http://2130706433",
    ],
)
def test_http_is_for_loopback(value: str) -> None:
    """Plain http is rejected for every other machine, whatever its name looks like."""
    settings = read({"apiUrl": value})
    (problem,) = settings.problems
    assert problem == (
        "sinch:apiUrl (SINCH_API_URL) must begin with https:// (http:// is allowed only for loopback "
        "addresses, and for the test hosts in SINCH_ALLOW_HTTP_HOSTS)"
    )
    assert settings.api_url == DEFAULT_API_URL


@pytest.mark.parametrize("key", ["apiUrl", "authUrl"])
@pytest.mark.parametrize("hosts", ["sinch", "other, SINCH", "other sinch", "sinch,"])
def test_http_for_the_hosts_of_the_environment(key: str, hosts: str) -> None:
    """SINCH_ALLOW_HTTP_HOSTS lists hosts that tests reach over http. Other hosts are still rejected."""
    allowed = {"SINCH_ALLOW_HTTP_HOSTS": hosts}
    assert read({key: "http://sinch:4010"}, **allowed).problems == ()
    for other in ("http://sinch.example:4010", "http://inch:4010"):
        (problem,) = read({key: other}, **allowed).problems
        assert "must begin with https://" in problem


@pytest.mark.parametrize(
    "value",
    [
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https:///path",
        "https://user:pa55word@api.example.com",
        "https://pa55word@api.example.com",
        "https://api.example.com?token=pa55word",
        "https://api.example.com/#pa55word",
        "https://api.example.com?",
        "https://api.example.com#",
        "https://api.example.com/../x",
        "https://@api.example.com",
        "https://api.exam ple.com",
        "https://api.exam\nple.com",
        "https://api.example.com/a\tb",
        "https://api.example.com:99999",
        "https://api.example.com:0",
        "https://api.example.com:port",
        "https://[::1",
        "https://api.example.com\\@other.example",
        "${SINCH_API_URL}",
        True,
        443.0,
        ["https://api.example.com"],
    ],
)
def test_bad_urls(value: Any) -> None:
    """An invalid URL is reported without being shown, and the default URL is not used instead."""
    settings = read({"authUrl": value, **KEY})
    assert settings.problems == (
        "sinch:authUrl (SINCH_AUTH_URL) must be a URL such as https://auth.sinch.com",
    )
    assert settings.auth_url == DEFAULT_AUTH_URL
    with pytest.raises(SettingsError, match="sinch:authUrl"):
        settings.require_usable()


@pytest.mark.parametrize("key", ["keyId", "keySecret", "accessToken"])
@pytest.mark.parametrize("value", ["s3cr\net", "s3cr\x7fet", "s3crét", "s3cr et", "s3cr\u200bet"])
def test_credentials_that_cannot_be_sent(key: str, value: str) -> None:
    """A credential with a line break or similar is reported without being shown."""
    settings = read({"keyId": "i", "keySecret": "s", key: value})
    assert settings.problems == (
        f"sinch:{key} ({ENVIRONMENT[key]}) contains characters that cannot be sent in an HTTP header",
    )
    assert not settings.can_authenticate


@pytest.mark.parametrize("key", ["keyId", "keySecret", "accessToken", "projectId"])
@pytest.mark.parametrize("value", ["${SINCH_THING}", " ${a.b} ", "$SINCH_THING"])
def test_a_reference_that_nobody_resolved(key: str, value: str) -> None:
    """A value that is still a reference to a variable is reported with the variable's name."""
    settings = read({"keyId": "i", "keySecret": "s", key: value})
    assert settings.problems == (
        f"sinch:{key} ({ENVIRONMENT[key]}) is a reference to a variable that was not resolved",
    )


@pytest.mark.parametrize("key", ["keyId", "keySecret", "accessToken", "projectId"])
@pytest.mark.parametrize("value", [True, {"secret": "s3cret"}, ["s3cret"]])
def test_values_that_are_no_text(key: str, value: Any) -> None:
    """A flag, list or object instead of a string is reported without being shown."""
    settings = read({"keyId": "i", "keySecret": "s", key: value})
    assert settings.problems == (
        f"sinch:{key} ({ENVIRONMENT[key]}) must be a string: quote it in Pulumi.<stack>.yaml",
    )


def test_all_problems_at_once() -> None:
    """All invalid settings are reported in one error."""
    settings = read({"timeout": "x", "auth": "x", "apiUrl": "x"})
    with pytest.raises(SettingsError) as refused:
        settings.require_usable()
    assert [part.split(" ")[0] for part in str(refused.value).split("; ")] == [
        "sinch:auth",
        "sinch:apiUrl",
        "sinch:timeout",
    ]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            {},
            (
                "Sinch credentials are missing: set sinch:keyId (SINCH_KEY_ID) and sinch:keySecret "
                "(SINCH_KEY_SECRET)"
            ),
        ),
        ({"keyId": "i"}, "Sinch credentials are missing: set sinch:keySecret (SINCH_KEY_SECRET)"),
        ({"keySecret": "s3cret"}, "Sinch credentials are missing: set sinch:keyId (SINCH_KEY_ID)"),
    ],
)
def test_missing_credentials(config: dict[str, str], sentence: str) -> None:
    """A missing setting is an error that names key and variable in its first line, with a hint below."""
    with pytest.raises(SettingsError) as refused:
        read(config).require_usable()
    first, hint = str(refused.value).split("\n")
    assert first == sentence
    assert "pulumi config set sinch:keyId" in hint
    assert "--run-program" in hint
    assert "s3cret" not in str(refused.value)


def test_keys_without_their_namespace() -> None:
    """A key in the project's own namespace is pointed out. Other keys keep the usual hint."""
    settings = Settings.read({"keyId": "i", "keySecret": "s3cret", "sinch:keySecret": "s"}.get, {})
    with pytest.raises(SettingsError) as refused:
        settings.require_usable()
    assert refused.value.hint == (
        "The config has `keyId` in the namespace of the Pulumi project, not in the namespace sinch. "
        "Run `pulumi config set sinch:keyId …` instead."
    )
    assert settings.misplaced_hint("projectId") == ""


def test_a_missing_project_has_a_hint() -> None:
    """The hint names a key in the wrong namespace, else a misspelt one, else nothing."""
    given = {"projectId": "p", "sinch:project": "p"}
    misplaced = Settings.read(given.get, {}, keys=["sinch:project"]).missing_project("the webhook")
    assert "`pulumi config set sinch:projectId …`" in misplaced.hint
    misspelt = Settings.read(lambda _: None, {}, keys=["sinch:project"]).missing_project("the webhook")
    assert misspelt.hint == "unknown setting `sinch:project`, did you mean `sinch:projectId`?"
    assert Settings.read(lambda _: None, {}).missing_project("the webhook").hint == ""


def test_a_misspelt_key_of_a_project_named_sinch_may_be_its_own() -> None:
    """A key that the Pulumi project's own namespace has, too, fails no preview."""
    other = Settings.read(lambda _: None, {}, keys=["sinch:project"])
    assert (len(other.misspelt), other.maybe_misspelt) == (1, ())
    own = Settings.read({"project": "p"}.get, {}, keys=["sinch:project"])
    assert (own.misspelt, len(own.maybe_misspelt)) == ((), 1)


@pytest.mark.parametrize(
    ("configured", "stored", "exported", "expected"),
    [
        ("config", {"project_id": "state"}, "environment", "config"),
        ("", {"project_id": "state"}, "environment", "state"),
        ("", {"target": "https://h.example/"}, "environment", ""),
        ("", {}, "environment", "environment"),
        ("config", {}, "environment", "config"),
        ("", {}, "", ""),
    ],
)
def test_where_the_project_comes_from(
    configured: str, stored: dict[str, str], exported: str, expected: str
) -> None:
    """Config, then the state; the environment only for a webhook that will be created."""
    settings = read({"projectId": configured}, SINCH_PROJECT_ID=exported)
    assert settings.default_project(stored) == expected


def test_settings_identify_an_account() -> None:
    """Equal settings have the same hash: operations with the same settings share an account."""
    assert hash(read(KEY)) == hash(read(KEY))


def test_usable_settings_pass() -> None:
    """A key or a token is sufficient."""
    read(KEY).require_usable()
    read({"accessToken": "t"}).require_usable()


def test_representations_hold_no_secret() -> None:
    """Neither repr nor str shows a secret or a token."""
    settings = [read(KEY), read({"accessToken": "t0ken"}), read({**KEY, "keySecret": "s3cr\net"})]
    assert not any(part in f"{settings}" for part in ("key-s3cret", "t0ken", "s3cr"))


VALUES = st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text()) | st.binary()


@given(
    config=st.fixed_dictionaries({}, optional=dict.fromkeys(ENVIRONMENT, VALUES)),
    environment=st.fixed_dictionaries({}, optional=dict.fromkeys(ENVIRONMENT.values(), st.text())),
)
def test_reading_never_raises(config: dict[str, Any], environment: dict[str, str]) -> None:
    """For any values, reading returns settings and one-line problems."""
    settings = read(config, **environment)
    assert all(problem.isprintable() for problem in settings.problems)
    assert 0 < settings.timeout <= 3600
