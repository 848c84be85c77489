import re

import pulumi_sinch
import pytest
from documentation.markdown import DOCS, rows
from documentation.messages import NO_MESSAGES, Message, messages, plain
from pulumi_sinch.api.errors import ApiError, SinchError

PAGE = DOCS / "troubleshooting.md"
TEXT = plain(PAGE.read_text())
MESSAGES = messages()


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_each_message_is_explained(message: Message) -> None:
    """The page contains each message of the provider and the command line, word for word."""
    assert message.pattern.search(TEXT), f"{message.where} says {str(message)!r}: add it to {PAGE.name}"


def test_the_search_for_messages_finds_them() -> None:
    """The search finds messages of each form that the source uses."""
    found = {str(message) for message in MESSAGES}
    for sentence in (
        "importing the webhook failed: webhook … belongs to another resource of this stack",
        "must contain at least one trigger",
        "the proxy cannot be reached",
        "Nothing was changed at Sinch.",
        " is not of the form STACK=FILE",
    ):
        assert sentence in found


def test_the_page_explains_no_message_that_is_gone() -> None:
    """The first cell of each row is part of a message in the source."""
    shown = [plain(cells[0]) for cells in rows(PAGE.read_text()) if cells[0].startswith("`")]
    codes = {code for error in ApiError.__subclasses__() for code in error.error_codes}
    short_ones = messages(fewest_words=2)
    for sentence in shown:
        spoken = any(message.pattern.search(sentence) for message in short_ones)
        spoken |= any(sentence in plain(str(message)) for message in MESSAGES)
        spoken |= bool(codes & set(re.findall(r"[a-z_]+", sentence)))
        assert spoken, sentence
    assert len(shown) > 60


def test_each_exception_is_named() -> None:
    """The page names every public exception and every documented `errorCode`."""
    text = PAGE.read_text()
    for name in pulumi_sinch.__all__:
        value = getattr(pulumi_sinch, name)
        if isinstance(value, type) and issubclass(value, SinchError) and value.__name__ != "SignatureError":
            assert f"`{name}`" in text, name
    for error in ApiError.__subclasses__():
        for code in error.error_codes:
            assert re.search(rf"\| `{code}`| or `{code}`", text), code


def test_exceptions_to_the_rule_are_still_there() -> None:
    """Each exception in `NO_MESSAGES` is still in the source."""
    source = {str(message) for message in messages(excused=True)}
    assert set(NO_MESSAGES) <= source
