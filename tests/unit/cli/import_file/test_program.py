import ast
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference
from pulumi_sinch.cli.import_file.program import _literal, program_text

ENTRIES = [
    Entry(
        "hooks_example_com",
        Webhook(id="1", target="https://hooks.example.com/", triggers=("NEW_ONE", "WHATSAPP_SENDER_ACTIVE")),
    ),
    Entry(
        "b_example",
        Webhook(id="2", target='https://b.example/"\\\u200b', triggers=("ALL", "BUNDLE_DONE")),
    ),
]

PLAIN = '''"""Webhooks of the Sinch project p-1, as `pulumi-sinch import-file` found them."""

from pulumi_sinch import SinchWebhook, Trigger

PROJECT_ID = "p-1"

hooks_example_com = SinchWebhook(
    "hooks_example_com",
    target="https://hooks.example.com/",
    triggers=[
        Trigger.WHATSAPP_SENDER_ACTIVE,
        "NEW_ONE",
    ],
    project_id=PROJECT_ID,
    allow_unknown_triggers=True,
)

b_example = SinchWebhook(
    "b_example",
    target='https://b.example/"\\\\\\u200b',
    # ALL covers the other triggers that Sinch has here: the first `pulumi up` takes them out.
    triggers=[
        Trigger.ALL,
    ],
    project_id=PROJECT_ID,
)
'''

WITH_PROVIDER = '''"""Webhooks of the Sinch project p-1, as `pulumi-sinch import-file` found them."""

import pulumi
from pulumi_sinch import SinchWebhook


def declare(
    eu_1: pulumi.ProviderResource,
) -> dict[str, SinchWebhook]:
    """Declare the webhooks with the provider that their state names."""
    opts = pulumi.ResourceOptions(provider=eu_1)
    return {
        "a_example": SinchWebhook(
            "a_example",
            target="https://a.example/",
            triggers=[
                "NEW_ONE",
            ],
            allow_unknown_triggers=True,
            opts=opts,
        ),
    }
'''

EU = ProviderReference("eu-1", "urn:…")


def test_the_program_declares_the_webhooks_as_they_are() -> None:
    """Known triggers are members, other triggers are strings, and all strings are valid Python."""
    assert program_text(ENTRIES, "p-1", project_id="p-1") == PLAIN


def test_with_an_explicit_provider_the_program_takes_it() -> None:
    """With an explicit provider, the program is a function that takes the provider."""
    entries = [Entry("a_example", Webhook(id="1", target="https://a.example/", triggers=("NEW_ONE",)))]
    assert program_text(entries, "p-1", provider=EU) == WITH_PROVIDER


def _ruff(text: str, *arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--isolated", "--stdin-filename", "webhooks.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_ruff_has_nothing_to_say() -> None:
    """The linter and the formatter of ruff find nothing to change, with any line length."""
    for text in (
        program_text(ENTRIES, "p-1"),
        program_text(ENTRIES, "p-1", project_id="p-1"),
        program_text(ENTRIES, "p-1", provider=EU),
        program_text(ENTRIES, "p-1", project_id="p-1", provider=EU),
    ):
        _ruff(text, "check", "--select", "E4,E7,E9,F,I,UP,B,A,N")
        for length in ("60", "88", "200"):
            assert _ruff(text, "format", "--line-length", length) == text


@given(st.text())
def test_a_literal_is_the_text_again(text: str) -> None:
    """Every string becomes a one-line literal with the same value that can be encoded."""
    literal = _literal(text)
    assert ast.literal_eval(literal) == text
    assert literal.encode()
    assert len(literal.splitlines()) == 1
