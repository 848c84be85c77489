import ast
import builtins
import hashlib
import itertools
import keyword
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.import_file.names import identifier, name_of_target, resource_names


def webhooks(*targets: str) -> list[Webhook]:
    return [Webhook(id=f"id-{number}", target=target) for number, target in enumerate(targets)]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("https://hooks.example.com/sinch", "hooks_example_com_sinch"),
        ("https://hooks.example.com", "hooks_example_com"),
        ("https://Hooks.Example.com/Sinch/PROD/", "hooks_example_com_sinch_prod"),
        ("http://localhost:8080/a-b", "localhost_8080_a_b"),
        ("https://10.0.0.1/x", "webhook_10_0_0_1_x"),
        ("https://[::1]:8080/x", "webhook_1_8080_x"),
        ("https://import", "import_webhook"),
        ("https://print", "print_webhook"),
        ("https://pulumi/", "pulumi_webhook"),
        ("https://café.example/ü", "cafe_example_u"),
        ("https://例え.例/", "webhook"),
        ("https://user:pa55@hooks.example.com/x?token=abc#def", "hooks_example_com_x"),
        ("https://hooks.slack.com/services/T0/x9Qx9Qx9Qx9Qx9Qx9Qx9Qx9Qx9Qx9Q", "hooks_slack_com_services_t0"),
        ("https://hooks.example.com/" + "long/" * 40, "hooks_example_com_" + "_".join(["long"] * 8) + "_lo"),
    ],
)
def test_a_name_is_the_readable_part_of_the_target(target: str, name: str) -> None:
    """A name has host, port and path of the target, without user, query, fragment and tokens."""
    assert name_of_target(target) == name


def test_only_equal_names_get_a_suffix() -> None:
    """Only equal names get a suffix, and it does not depend on the project's other webhooks."""
    names = resource_names(webhooks("https://a.example/x?1", "https://a.example/x?2", "https://b.example/"))
    assert names["id-2"] == "b_example"
    assert names["id-0"] != names["id-1"]
    assert all(names[webhook_id].startswith("a_example_x_") for webhook_id in ("id-0", "id-1"))
    again = resource_names(webhooks("https://a.example/x?1", "https://a.example/x?2", "https://c.example/"))
    assert {**again, "id-2": ""} == {**names, "id-2": ""}


TARGETS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"https?://[a-c.]{1,4}(:80)?(/[a-b_A]{0,3}){0,3}(\?x)?", fullmatch=True),
        st.sampled_from([f"https://{word}/" for word in (*keyword.kwlist, *keyword.softkwlist, "print")]),
    ),
    max_size=15,
)


@given(TARGETS, st.randoms(use_true_random=False))
def test_names_are_unique_stable_and_valid_python(targets: list[str], random_order: random.Random) -> None:
    """For any targets, names are different, stable, valid identifiers and neither keywords nor builtins."""
    listed = webhooks(*targets)
    names = resource_names(listed)
    assert len({*names.values()}) == len(targets)
    for name in names.values():
        ast.parse(f"{name} = 1")
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not keyword.issoftkeyword(name)
        assert not hasattr(builtins, name)
    random_order.shuffle(listed)
    assert resource_names(listed) == names


@given(st.text())
def test_any_text_becomes_an_identifier(text: str) -> None:
    """Any text becomes an identifier of ASCII letters, digits and single underscores."""
    name = identifier(text)
    assert name.isidentifier()
    assert name.isascii()
    assert "__" not in name


def test_a_suffix_is_as_long_as_it_has_to_be() -> None:
    """A suffix has six digits of the id's digest, or more if two of them are equal."""
    seen: dict[str, str] = {}
    for number in itertools.count():
        id_ = f"id-{number}"
        start = hashlib.sha256(id_.encode()).hexdigest()[:6]
        if start in seen:
            break
        seen[start] = id_
    names = resource_names(Webhook(id=each, target="https://h.example/") for each in (id_, seen[start]))
    assert len(set(names.values())) == 2
    assert all(name.startswith(f"h_example_{start}") for name in names.values())
