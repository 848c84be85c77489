import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import certainly_differ, normalised, same_target, with_target


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.example/a", "https://h.example/a"),
        ("https://H.Example/a", "https://h.example/a"),
        ("HTTPS://h.example/a", "https://h.example/a"),
        ("https://h.example:443/a", "https://h.example/a"),
        ("http://h.example:80/a", "http://h.example/a"),
        ("https://h.example", "https://h.example/"),
        ("https://h.example?q", "https://h.example/?q"),
        ("https://U:P@H.example/a", "https://U:P@h.example/a"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]:443/"),
    ],
)
def test_spellings_of_one_url(one: str, other: str) -> None:
    """Case of scheme and host, a default port and an empty path make no difference (RFC 3986, 6.2)."""
    assert same_target(one, other)
    assert same_target(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.example/a", "https://h.example/A"),
        ("https://h.example/a", "https://h.example/a/"),
        ("https://h.example/a", "http://h.example/a"),
        ("https://h.example:8443/a", "https://h.example/a"),
        ("https://h.example:80/a", "https://h.example/a"),
        ("https://h.example/?a=1", "https://h.example/?a=2"),
        ("https://u@h.example/", "https://U@h.example/"),
        ("https://h.example/#a", "https://h.example/"),
        ("https://h.example:99999/", "https://h.example/"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1:8443]/"),
    ],
)
def test_different_urls(one: str, other: str) -> None:
    """All other differences count: two different URLs are two targets."""
    assert not same_target(one, other)


@given(st.text())
def test_any_text_can_be_compared(text: str) -> None:
    """Normalizing any text never raises, and normalizing twice changes nothing."""
    assert same_target(text, text)
    assert normalised(normalised(text)) == normalised(text)


def test_the_exact_spelling_is_preferred() -> None:
    """If two webhooks have equivalent targets, the one with the exact spelling is returned."""
    upper, lower = (
        Webhook(id="1", target="https://H.example/"),
        Webhook(id="2", target="https://h.example/"),
    )
    assert with_target([upper, lower], "https://h.example/") == lower
    assert with_target([upper, lower], "https://H.example/") == upper
    assert with_target([lower, upper], "https://H.example/") == upper
    assert with_target([lower, upper], "https://h.example/") == lower
    assert with_target([lower, upper], "https://h.EXAMPLE/") == lower
    assert with_target([upper], "https://h.example/") == upper
    assert with_target([upper], "https://other.example/") is None
    assert with_target([], "https://h.example/") is None


@pytest.mark.parametrize(
    "other",
    [
        "https://hooks.example.com/a%2fb/",
        "HTTPS://Hooks.Example.com.:443//A/./x/../B?token=1#c",
        "https://user:password@hooks.example.com/a/b",
        "https://hööks.example.com/a/b",
        "https://[",
        "",
    ],
)
def test_targets_that_may_be_the_same(other: str) -> None:
    """A server may normalize a target in any way, or leave out its credentials."""
    assert not certainly_differ("https://hooks.example.com/a/b", other)


@pytest.mark.parametrize("other", ["https://hooks.example.com/a/c", "https://other.example.com/a/b"])
def test_targets_that_certainly_differ(other: str) -> None:
    """No normalization changes the host, or the words of a path."""
    assert certainly_differ("https://hooks.example.com/a/b", other)
