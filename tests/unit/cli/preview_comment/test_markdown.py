from collections.abc import Callable

import pytest
from pulumi_sinch.cli.preview_comment import markdown


@pytest.mark.parametrize(
    ("escape", "limit", "before", "after"),
    [
        (markdown.plain, 80, "", ""),
        (markdown.code, 120, "`", "`"),
        (markdown.html_code, 120, "<code>", "</code>"),
    ],
)
def test_a_long_text_is_cut_to_its_limit(
    escape: Callable[[str], str], limit: int, before: str, after: str
) -> None:
    """A text of the maximum length stays complete. A longer text is cut, and ends with an ellipsis."""
    assert escape("x" * limit) == f"{before}{'x' * limit}{after}"
    shown = escape("x" * (limit + 1)).replace("&#8230;", "…")
    assert shown == f"{before}{'x' * (limit - 1)}…{after}"


@pytest.mark.parametrize(
    ("text", "fence"), [("plain", "```"), ("``", "```"), ("```", "````"), ("a ```` b", "`````")]
)
def test_a_fence_is_one_backtick_longer_than_any_fence_in_the_text(text: str, fence: str) -> None:
    """A code block has a fence of three backticks, or of one more than the longest run in its text."""
    assert markdown.fenced(text) == f"{fence}text\n{text}\n{fence}"
