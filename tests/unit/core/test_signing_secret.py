from typing import Any

import pytest
from pulumi.output import UNKNOWN
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi_sinch.core.signing_secret import decide_secret, generate_secret, mark_secrets

STORED = {"target": "https://h.example/", "secret": "old", "previous_secret": "older"}
WITHOUT = {"target": "https://h.example/", "previous_secret": ""}
IMPORTED = {"target": "https://h.example/"}
NEW = "generated"


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        # will be created
        ({}, {"secret": "given"}, {"secret": "given", "previous_secret": ""}),
        ({}, {}, {"secret": NEW, "previous_secret": ""}),
        ({}, {"secret_version": "1"}, {"secret": NEW, "previous_secret": ""}),
        ({}, {"adopt": True}, {"previous_secret": ""}),
        ({}, {"adopt": True, "secret": "given"}, {"secret": "given", "previous_secret": ""}),
        ({}, {"secret": UNKNOWN}, {"secret": UNKNOWN, "previous_secret": ""}),
        ({}, {"secret_version": UNKNOWN}, {"secret": NEW, "previous_secret": ""}),
        # in the state, with a secret
        (STORED, {}, {"secret": "old", "previous_secret": "older"}),
        (STORED, {"adopt": True}, {"secret": "old", "previous_secret": "older"}),
        (STORED, {"secret": "old"}, {"secret": "old", "previous_secret": "older"}),
        (STORED, {"secret": "given"}, {"secret": "given", "previous_secret": "old"}),
        (STORED, {"secret": UNKNOWN}, {"secret": UNKNOWN, "previous_secret": UNKNOWN}),
        (STORED, {"secret_version": "1"}, {"secret": NEW, "previous_secret": "old"}),
        (STORED, {"secret_version": UNKNOWN}, {"secret": UNKNOWN, "previous_secret": UNKNOWN}),
        (STORED, {"secret": "old", "secret_version": "1"}, {"secret": "old", "previous_secret": "older"}),
        (
            STORED,
            {"secret": "given", "secret_version": UNKNOWN},
            {"secret": "given", "previous_secret": "old"},
        ),
        (
            {**STORED, "secret_version": "1"},
            {"secret_version": "1"},
            {"secret": "old", "previous_secret": "older"},
        ),
        (
            {**STORED, "secret_version": "1"},
            {"secret_version": "2"},
            {"secret": NEW, "previous_secret": "old"},
        ),
        ({**STORED, "secret_version": "1"}, {}, {"secret": NEW, "previous_secret": "old"}),
        # in the state, without a secret: adopted or imported
        (WITHOUT, {}, {"previous_secret": ""}),
        (WITHOUT, {"adopt": True}, {"previous_secret": ""}),
        (WITHOUT, {"secret": "given"}, {"secret": "given", "previous_secret": ""}),
        (WITHOUT, {"secret": UNKNOWN}, {"secret": UNKNOWN, "previous_secret": ""}),
        (WITHOUT, {"secret_version": "1"}, {"secret": NEW, "previous_secret": ""}),
        ({**WITHOUT, "secret": ""}, {}, {"previous_secret": ""}),
        ({**WITHOUT, "previous_secret": None}, {}, {"previous_secret": ""}),
        # created by `adopt`, or on the provider plugin: the secret is in the outputs only, which an update
        # gives
        (
            {"secret": "made", "previous_secret": ""},
            {"secret": "new", "previous_secret": ""},
            {"secret": "new", "previous_secret": "made"},
        ),
        # just imported: adding an empty previous_secret to the inputs would show as a change
        (IMPORTED, {}, {}),
        (IMPORTED, {"secret": "given"}, {"secret": "given"}),
        (IMPORTED, {"secret": UNKNOWN}, {"secret": UNKNOWN}),
        ({**IMPORTED, "secret": "old"}, {}, {"secret": "old"}),
        ({**IMPORTED, "secret": "old"}, {"secret": "given"}, {"secret": "given", "previous_secret": "old"}),
        ({**IMPORTED, "secret": "old"}, {"secret": UNKNOWN}, {"secret": UNKNOWN, "previous_secret": UNKNOWN}),
    ],
)
def test_which_secret_a_webhook_gets(
    stored: dict[str, Any], given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A secret is given, carried over, generated or left to Sinch, and the old one becomes the previous."""
    assert decide_secret(stored, given, lambda: NEW) == expected


def test_generated_secrets_are_long_and_never_the_same() -> None:
    """Generated secrets have 256 bits in 43 characters, are valid at Sinch, and differ each time."""
    made = {generate_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(secret) for secret in made} == {43}


@pytest.mark.parametrize("new", ["a later one", "zz"])
def test_any_other_secret_is_a_change(new: str) -> None:
    """Every different secret is a change."""
    assert decide_secret(STORED, {"secret": new}) == {"secret": new, "previous_secret": "old"}


def test_the_same_text_is_no_change() -> None:
    """The same secret in a new string object is not a change."""
    secret, version = str(b"old", "ascii"), str(b"version", "ascii")
    assert decide_secret(STORED, {"secret": secret})["previous_secret"] == "older"
    stored = {**STORED, "secret_version": "version"}
    assert decide_secret(stored, {"secret_version": version}, lambda: NEW)["secret"] == "old"


def test_only_secrets_are_marked() -> None:
    """The engine encrypts both secrets. The other properties stay readable in diffs."""
    marked = mark_secrets({"target": "https://h.example/", "secret": "s", "previous_secret": "p"})
    assert marked["target"] == "https://h.example/"
    assert [unwrap_rpc_secret(marked[key]) for key in ("secret", "previous_secret")] == ["s", "p"]
    assert all(is_rpc_secret(marked[key]) for key in ("secret", "previous_secret"))
