"""Wrong inputs are problems of `check`, each with its reason."""

from typing import Any

from plugin.harness import Plugin
from pulumi_sinch.emulator import Emulator
from sent_requests import take_sent_requests

TOKEN_IN_TARGET = "t0ken-in-the-target"
CORRECT = {
    "target": f"https://a.example.com/{TOKEN_IN_TARGET}",
    "triggers": ["ALL"],
    "secret": "s3cret-x",
}
WRONG: list[tuple[str, Any, str]] = [
    ("triggers", [], "triggers must contain at least one trigger"),
    ("triggers", "ALL", "triggers must be a list, not a string"),
    (
        "triggers",
        ["ALL", "RCS_SENDER_COMMENT_ADDED"],
        "triggers must not contain ALL together with other triggers",
    ),
    ("triggers", ["WHATSAPP_SENDER_ACTIV"], "did you mean WHATSAPP_SENDER_ACTIVE?"),
    ("target", f"hooks.example.com/{TOKEN_IN_TARGET}", "target must be an http or https URL"),
    (
        "target",
        f"https://a.example.com/{TOKEN_IN_TARGET}" + "x" * 742,
        "target must have 1 to 742 characters",
    ),
    ("secret", "", "secret must have 1 to 128 characters, not 0"),
    ("secret", "s3cret-" * 19, "secret must have 1 to 128 characters, not 133"),
]


def test_wrong_input_is_a_problem(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """Each rule has its reason, which starts with the property's name. Target and secret are not printed."""
    for name, value, reason in WRONG:
        (problem,) = plugin.problems({**CORRECT, name: value})
        assert reason in problem
        assert problem.startswith(name)
        assert TOKEN_IN_TARGET not in problem
        assert "s3cret-" not in problem
    assert take_sent_requests(sinch_emulator) == []
