import pytest
from pulumi import contains_unknowns
from pulumi.output import UNKNOWN
from pulumi_sinch.core.signing_secret import mark_secrets
from pulumi_sinch.plugin.naming import (
    ROUTE,
    decode,
    decode_settings,
    encode,
    is_from_python,
    misspelt,
    translated,
)

SENTENCES = {
    "project_id is missing": "projectId is missing",
    "check project_id or sinch:projectId": "check projectId or sinch:projectId",
    "change secret_version; previous_secret stays": "change secretVersion; previousSecret stays",
    "together with delete_before_replace.": "together with deleteBeforeReplace.",
    "`allow_unknown_triggers`": "`allowUnknownTriggers`",
}


@pytest.mark.parametrize(("text", "spoken"), SENTENCES.items())
def test_names_in_messages_are_those_of_this_route(text: str, spoken: str) -> None:
    """Property names in messages are translated anywhere in a sentence."""
    assert translated(text) == spoken


def test_values_are_not_names() -> None:
    """Parts of URLs, of longer names and of environment variables are not translated."""
    for text in ("https://x.example/project_id/y", "my_project_id", "SINCH_PROJECT_ID", "project_id-2"):
        assert translated(text) == text


def test_properties_keep_their_values_on_the_wire() -> None:
    """Unknown values stay unknown, also in lists, and secret marks are removed when they are read."""
    sent = encode({"project_id": UNKNOWN, "triggers": ["ALL", UNKNOWN], **mark_secrets({"secret": "s3cret"})})
    assert set(sent.fields) == {"projectId", "triggers", "secret"}
    received = decode(sent)
    assert contains_unknowns(received["project_id"])
    assert received["triggers"][0] == "ALL"
    assert contains_unknowns(received["triggers"][1])
    assert received["secret"] == "s3cret"


def test_settings_keep_their_names() -> None:
    """Settings keep their names, and a property of a webhook has one of the known names."""
    assert decode_settings(encode({"projectId": "p"})) == {"projectId": "p"}


def test_names_of_python_programs_are_recognized() -> None:
    """In the state they belong to a webhook of the other route. In a program they are misspelt."""
    assert is_from_python({"project_id": "p", "target": "https://h.example/"})
    assert not is_from_python({"projectId": "p", "target": "https://h.example/"})
    assert misspelt({"project_id": "p", "target": "https://h.example/", "secretVersion": "1"}) == [
        "project_id is not a property of a webhook: did you mean projectId?"
    ]


def test_the_import_command_has_the_id() -> None:
    """Or a placeholder, if the webhook is not known."""
    assert ROUTE.import_command("p", "abc") == "pulumi import sinch:index:Webhook NAME p/abc"
    assert ROUTE.import_command("p", "") == "pulumi import sinch:index:Webhook NAME p/ID"
