import pytest
from pulumi_sinch.plugin.naming import translated

SENTENCES = {
    "project_id is missing": "projectId is missing",
    "check project_id or sinch:projectId": "check projectId or sinch:projectId",
    "change secret_version; previous_secret stays": "change secretVersion; previousSecret stays",
    "together with delete_before_replace.": "together with deleteBeforeReplace.",
    "`allow_unknown_triggers`": "`allowUnknownTriggers`",
}


@pytest.mark.parametrize(("text", "spoken"), SENTENCES.items())
def test_names_in_messages_are_those_of_this_route(text: str, spoken: str) -> None:
    """At any place in a sentence."""
    assert translated(text) == spoken


def test_values_are_not_names() -> None:
    """Parts of URLs, of longer names and of environment variables stay as they are."""
    for text in ("https://x.example/project_id/y", "my_project_id", "SINCH_PROJECT_ID", "project_id-2"):
        assert translated(text) == text
