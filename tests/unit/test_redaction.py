import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.redaction import HIDDEN, credentials_in, redact_target, sanitize, sanitize_message


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://hooks.example.com/sinch", "https://hooks.example.com/sinch"),
        ("https://hooks.example.com:8443/a/b/", "https://hooks.example.com:8443/a/b/"),
        ("https://hooks.example.com/sinch?token=abc&b=1#frag", "https://hooks.example.com/sinch?…#…"),
        ("https://hooks.example.com?token=abc", "https://hooks.example.com?…"),
        ("https://user:pass@hooks.example.com/a", "https://…@hooks.example.com/a"),
        ("https://user:p@ss@hooks.example.com/a", "https://…@hooks.example.com/a"),
        ("https://user:pa/ss@hooks.example.com/a", "https://…"),
        ("https:user:pass@hooks.example.com/a", "https:…@hooks.example.com/a"),
        ("//user:pass@hooks.example.com/a", "//…@hooks.example.com/a"),
        (r"https://evil.example\@good.example/x", "https://…"),
        (r"https://good.example/x\y", r"https://good.example/x\y"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://[::1/a", "http://…"),
        ("https://h.example/T0KEN9f8a7b6c5d4e3f2a1b0c9d8/x", "https://h.example/T0KE…/x"),
        ("https://h.example/dGhpc2lzYXNlY3JldHRva2Vu", "https://h.example/dGhp…"),
        ("https://h.example/abcdefghijklmnopqrstuvwxyz", "https://h.example/abcd…"),
        ("https://h.example/0b9fba3c-6d5e-4d5c-9a77-0f6a1d1f2b3c", "https://h.example/0b9f…"),
        (
            "https://h.example/whatsapp-sender-status-updates",
            "https://h.example/whatsapp-sender-status-updates",
        ),
        (
            "https://h.example/Provisioning_Callbacks_2024.v2",
            "https://h.example/Provisioning_Callbacks_2024.v2",
        ),
        ("https://h.example/T0KEN9f8a7b6c5d4e3f2a1b", "https://h.example/T0KEN9f8a7b6c5d4e3f2a1b"),
        ("https://h.example/T0KEN9f8a7b6c5d4e3f2a1b0", "https://h.example/T0KE…"),
        ("https://h.example/shorttoken123", "https://h.example/shorttoken123"),
        ("", ""),
        ("[secret]", "[secret]"),
        ("not a url\nat all", "not a url at all"),
        ("https://h.example/\x1b[31mred\nwarning: x", "https://h.example/ [31mred warning: x"),
    ],
)
def test_what_is_shown(target: str, shown: str) -> None:
    """Only scheme, host, port and path segments of words are shown.

    A host that only some parsers find is hidden, and control characters are removed, because other people may
    have chosen the target.
    """
    assert redact_target(target) == shown


@given(st.text())
def test_never_raises(text: str) -> None:
    """Any text can be redacted, and redacting twice changes nothing."""
    once = redact_target(text)
    assert redact_target(once) == once


TOKENS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=24, max_size=60)


@given(
    token=TOKENS,
    place=st.sampled_from(
        ["https://{}@h/p", "https://u:{}@h/p", "https://h/p?k={}", "https://h/p#{}", "https://h/{}/p", "{}"]
    ),
)
def test_no_token_is_shown(token: str, place: str) -> None:
    """A long token cannot be read from the result, at any place in the target."""
    assert token[4:] not in redact_target(place.format(token))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("  two\r\nlines\t", "two lines"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("nul\x00del\x7fc1\x9b", "nul del c1"),
        ("lone\ud800surrogate", "lone surrogate"),
        ("bidi\u202egpj.exe\u2066x\u2069\u200f\u061cy", "bidi gpj.exe x y"),
        ("invisible\u200b\u2060\ufefftext", "invisible text"),
        ("paragraph\u2029line\u2028end", "paragraph line end"),
        ("ünïcode ✓ 漢", "ünïcode ✓ 漢"),
        (None, "None"),
        (7, "7"),
    ],
)
def test_text_from_a_server_is_sanitized(text: object, shown: str) -> None:
    """Control characters, escape sequences, lone surrogates and direction marks are removed."""
    assert sanitize(text) == shown


def test_long_texts_are_cut() -> None:
    """Text from a server is cut to 500 characters."""
    assert sanitize("a" * 500) == "a" * 500
    assert sanitize("a" * 501) == "a" * 497 + "..."


def test_hidden_values() -> None:
    """Hidden values are replaced, longer ones first. An empty value hides nothing."""
    assert (
        sanitize("a s3cret and a s3cret-token", hide=["s3cret", "s3cret-token", ""])
        == "a [hidden] and a [hidden]"
    )


@pytest.mark.parametrize(
    "echo",
    [
        'p&s/"é',
        "p&amp;s/&quot;é",
        "p%26s/%22%C3%A9",
        "p%26s%2F%22%C3%A9",
        'p&s/\\"é',
        'p&s/\\"\\u00e9',
        'p&s\\/\\"é',
        'p\\u0026s/\\"é',
        "p&amp;s/&#34;é",
        "p%26s%2f%22%c3%a9",
    ],
)
def test_hidden_values_in_other_spellings(echo: str) -> None:
    """Hidden values are also replaced where they are escaped for HTML, a URL or JSON."""
    assert sanitize(f"bad: {echo}!", hide=['p&s/"é', "\ud800"]) == "bad: [hidden]!"


def test_a_hidden_value_with_spaces_or_quotes() -> None:
    """A form encodes a space as a plus, and HTML has two references for an apostrophe."""
    assert sanitize("it's me, it+s+me, it%27s+me, it&#39;s me", hide=["it's me", "it s me"]) == (
        "[hidden], [hidden], [hidden], [hidden]"
    )


def test_a_huge_message_and_a_huge_target_take_no_time() -> None:
    """Only the beginning of a message is searched for the credentials in targets, which are few."""
    started = time.monotonic()
    target = "https://h.example/?" + "&".join(f"a={number:09}" for number in range(40_000))
    assert sanitize_message("is wrong " * 300_000, hide=credentials_in(target)).startswith(
        "is wrong is wrong"
    )
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("text", ["http:a " * 500_000, "http://" * 500_000])
def test_a_huge_message_takes_no_time(text: str) -> None:
    """Only the beginning of a huge message is redacted, because only that is shown."""
    started = time.monotonic()
    assert len(sanitize_message(text)) <= 500
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("length", range(7_950, 8_050, 7))
def test_the_cut_of_a_huge_message_shows_no_part_of_a_token(length: int) -> None:
    """A URL or a hidden value at the cut of a huge message is removed."""
    long = f"https://h.example/?{'q' * length}"
    text = f"{long} s3cr-secret https://h.example/t0ken/s3cr-{'x' * 40} " + "a" * 10_000
    shown = sanitize_message(text, hide=["s3cr-secret"])
    assert shown.startswith("https://h.example/?… ") or shown == HIDDEN
    assert "s3cr-s" not in shown
    assert "s3cr-x" not in shown


@given(st.text(st.characters(exclude_categories=[])))
def test_sanitizing_is_safe_and_final(text: str) -> None:
    """Sanitized text can be sent to the engine, and sanitizing twice changes nothing."""
    once = sanitize(text)
    once.encode()
    assert len(once) <= 500
    assert "\n" not in once
    assert sanitize(once) == once


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("see https://h.example/a for more", "see https://h.example/a for more"),
        ("https://h.example/a?token=t0ken-of-others exists", "https://h.example/a?… exists"),
        ("https://u:t0ken-of-others@h.example/a exists", "https://…@h.example/a exists"),
        ("HTTPS://h.example?t0ken-of-others", "HTTPS://h.example?…"),
        ("https:u:t0ken-of-others@h.example", "https:…@h.example"),
        ("https://a.example,https://u:t0ken-of-others@b.example", "https://a.example,https://…@b.example"),
        ("https://h.example?a='t0ken-of-others'&b=\"t0ken-of-others\"", "https://h.example?…"),
        ("https://h.example/\x00?t0ken-of-others", "https://h.example/ ?…"),
        (r"{'target':'https:\/\/h.example\/?t0ken-of-others'}", "{'target':'https://…"),
        ("?target=https%3A%2F%2Fh.example%2F%3Ft0ken-of-others", "?target=https://…"),
        ("https://h.example/" + "a/" * 300 + "?t0ken-of-others", "https://h.example/" + "a/" * 239 + "a..."),
        ("the header https: is missing", "the header https: is missing"),
    ],
)
def test_the_urls_in_a_message_are_redacted(message: str, shown: str) -> None:
    """URLs in a message are redacted, because a server may echo the target of any webhook."""
    assert sanitize_message(message) == shown


@given(
    token=TOKENS,
    place=st.sampled_from(
        ["https://{}@h/p", "https://u:{}@h", "https://h/p?k={}", "https://h#{}", "https://h/{}/p"]
    ),
    before=st.text(" \"'(<,;=[\\", max_size=3),
    after=st.text(" \"')>,;.]\\", max_size=3),
)
def test_no_token_in_a_message_is_shown(token: str, place: str, before: str, after: str) -> None:
    """A long token in a URL cannot be read, whatever surrounds the URL, also with two URLs."""
    message = f"a {before}{place.format(token)}{after}{place.format(token)}{after} b"
    assert token[4:] not in sanitize_message(message)


def test_a_hidden_url_is_hidden_as_a_whole() -> None:
    """Hidden values are replaced before URLs are redacted."""
    assert (
        sanitize_message("https://h.example/a is taken", hide=["https://h.example/a"]) == "[hidden] is taken"
    )


@pytest.mark.parametrize(
    ("target", "echo"),
    [
        (
            "https://h.example/T0KEN9f8a7b6c5d4e3f2a1b0c9d8/x",
            "/T0KEN9f8a7b6c5d4e3f2a1b0c9d8/x is not allowed",
        ),
        ("https://h.example/x?token=t4rget-token&b=1", "token=t4rget-token is not allowed"),
        ("https://h.example/x?b=1&token=t4rget-token", "the value t4rget-token is not allowed"),
        ("https://h.example/x?token=t4rget%2Btoken", "the value t4rget+token is not allowed"),
        ("https://h.example/x?token=t4rget+token", "the value t4rget token is not allowed"),
        ("https://user:t4rget-token@h.example/x", "user user, password t4rget-token"),
        ("https://t4rget-token@h.example/x", "user t4rget-token"),
        ("https://h.example/x#t4rget-token", "fragment t4rget-token"),
        ("https://h.example/x?token=t4rget%2Ftoken", "the value t4rget%2ftoken is not allowed"),
        ("https://h.example/x?token=t4rget%2ftoken", "the value t4rget%2Ftoken is not allowed"),
        ("https://user:pa/t4rget-token@h.example/x", "no such path: /t4rget-token"),
    ],
)
def test_the_echo_of_a_part_of_a_target_is_hidden(target: str, echo: str) -> None:
    """Without scheme and host, a text looks like no URL. Credentials of known targets are hidden anyway."""
    shown = sanitize_message(echo, hide=credentials_in(target))
    assert not [part for part in ("t4rget", "T0KEN9f8a7b6c5d4e3f2a1b0c9d8") if part in shown]
    assert "[hidden]" in shown


def test_short_parts_of_a_target_are_shown() -> None:
    """Else half of a message would be hidden. Words in a path are no credentials."""
    assert credentials_in("https://u:p@h.example/whatsapp-sender-status-updates?a=1#b") == []


@given(st.text())
def test_any_text_may_hold_credentials(text: str) -> None:
    """A stranger's target may be anything."""
    assert all(len(part) >= 8 for part in credentials_in(text))
