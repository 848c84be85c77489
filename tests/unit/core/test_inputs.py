from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.core.inputs import validate
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, ordered_triggers
from pydantic_core import Url
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

TARGET = "https://hooks.example.com/sinch?token=t4rget-token"
ACTIVE, INACTIVE = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_INACTIVE"


def given_inputs(**other: Any) -> dict[str, Any]:
    return {"target": TARGET, "triggers": [ACTIVE], **other}


def problems(**other: Any) -> list[str]:
    return validate(given_inputs(**other))[1]


def test_good_inputs_pass() -> None:
    """Valid inputs are returned in stored form, without inputs that are not set or have the default."""
    given = given_inputs(secret="s", project_id="p-1", adopt=True, secret_version="a", __provider="pickle")
    expected = {"target": TARGET, "triggers": [ACTIVE], "secret": "s", "project_id": "p-1"}
    assert validate(given) == ({**expected, "adopt": True, "secret_version": "a"}, [])
    nothing_set = given_inputs(
        secret=None, project_id=None, previous_secret=None, adopt=False, allow_unknown_triggers=False
    )
    assert validate(nothing_set) == ({"target": TARGET, "triggers": [ACTIVE]}, [])


@pytest.mark.parametrize(
    "target",
    [
        "https://hooks.example.com",
        "HTTPS://Hooks.Example.COM/",
        "http://localhost:8080/a",
        "http://[::1]:1/a",
        "https://user:word@h.example/p?q#f",
        "https://bücher.example/ä",
        "https://BÜCHER.example/",
        "https://\uff48ooks.example.com/",
        "https://[2001:DB8:0:0::1]/",
        "https://192.0.2.7:8443/",
        "https://user:p@ss@h.example/",
        "https://h.example/" + "a" * 724,
    ],
)
def test_good_targets(target: str) -> None:
    """URLs with http or https of up to 742 characters are valid targets, and keep their spelling."""
    assert validate(given_inputs(target=target)) == ({"target": target, "triggers": [ACTIVE]}, [])


@pytest.mark.parametrize(
    "target",
    [
        "",
        "hooks.example.com/sinch",
        "ftp://hooks.example.com",
        "https:hooks.example.com",
        "https://",
        "https:///path",
        "https://?token=x",
        "https://h.example:99999/",
        "https://h.example:port/",
        "https://exa mple.com/",
        "https://h.example/a b",
        " https://h.example/",
        "https://h.example/\n",
        "https://h.example/\x1b[31m",
        "https://[::1/",
        "https://h.example/\ud800",
        r"https://evil.example\@good.example/x",
        r"https://h.example/a\b",
        "https://h.example:0/",
        "https://a|b/",
        "https://exa%mple/",
        "https://256.1.1.1/",
        "https://exa%6dple.com/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://\uff11.2.3.4/",
        "https://a.example\uff0f@b.example/",
        "https://h.example/" + "a" * 725,
        "${webhookUrl}",
        7.0,
        True,
        ["https://h.example/"],
        {"url": "https://h.example/"},
    ],
)
def test_bad_targets(target: Any) -> None:
    """Any other target is rejected."""
    (problem,) = problems(target=target)
    assert problem.startswith("target must ")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "must have 1 to 742 characters, not 0"),
        ("h", "must be an http or https URL, such as https://hooks.example.com/sinch"),
        ("https://h.example/" + "a" * 725, "must have 1 to 742 characters, not 743"),
        ("https://h.example:99999/", "must be an http or https URL with a valid host and port"),
        ("https://h.example:0/", "must be an http or https URL with a valid host and port"),
        (
            r"https://evil.example\@good.example/x",
            "must not contain a backslash: URL parsers would disagree about the host",
        ),
        (
            "https://127.1/",
            (
                "must have an unambiguous host: without percent signs, and with all four decimal numbers "
                "if it is an IPv4 address"
            ),
        ),
        (7.0, "must be a string"),
    ],
)
def test_what_is_wrong_with_a_target(target: Any, reason: str) -> None:
    """The reason matches."""
    assert problems(target=target) == [f"target {reason}"]


def test_a_target_that_an_earlier_release_accepted_stays_valid() -> None:
    """A target in the state is not validated again, so that its webhook can be read, updated and deleted."""
    given = given_inputs(target=r"https://evil.example\@good.example/x")
    assert validate(given, given)[1] == []


_ODD_URLS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "HTTP"]),
    st.text(st.sampled_from("aZ1.:@\\/?#%[]|x0\uff17ß\u3002\uff20\uff0fé"), max_size=12),
    st.sampled_from(["", "@", "\\@", "%40", ":0", ":443"]),
    st.sampled_from(["", "good.example", "good.example/x", "[::1]/", "127.1"]),
)


@given(_ODD_URLS)
@example(r"https://evil.example\@good.example/x")
def test_an_accepted_target_has_the_same_host_for_other_parsers(target: str) -> None:
    """A third parser, urllib3's, finds the same host as pydantic in each accepted target, or rejects it."""
    if problems(target=target):
        return
    try:
        theirs, ours = parse_url(target).host or "", Url(target).host or ""
    except LocationParseError:
        return
    if theirs.startswith("["):
        assert ip_address(theirs.strip("[]")) == ip_address(ours.strip("[]"))
    else:
        assert theirs == ours


@pytest.mark.parametrize("secret", ["", "s3" * 64 + "!", 12345.0, True, ["s3cret-in-a-list"]])
def test_bad_secrets(secret: Any) -> None:
    """A secret has 1 to 128 characters. A rejected secret is not shown."""
    (problem,) = problems(secret=secret)
    assert problem.startswith("secret must ")
    assert not any(part in problem for part in ("s3", "12345"))


@pytest.mark.parametrize("secret", ["s", "s" * 128, "ä" * 128, " "])
def test_good_secrets(secret: str) -> None:
    """The limits of a secret are in characters, not bytes."""
    assert validate(given_inputs(secret=secret))[0]["secret"] == secret


@pytest.mark.parametrize(
    ("triggers", "reason"),
    [
        (None, "triggers is required"),
        ([], "triggers must contain at least one trigger"),
        ("ALL", 'triggers must be a list, not a string: write triggers=["…"]'),
        ({"a": "ALL"}, "triggers must be a list of triggers"),
        (7.0, "triggers must be a list of triggers"),
        (True, "triggers must be a list of triggers"),
        ([7.0], "triggers must contain only strings and members of pulumi_sinch.Trigger"),
        ([None], "triggers must contain only strings and members of pulumi_sinch.Trigger"),
        ([["ALL"]], "triggers must contain only strings and members of pulumi_sinch.Trigger"),
        (
            ["ALL", ACTIVE],
            "triggers must not contain ALL together with other triggers, because ALL includes them",
        ),
        (
            ["WHATSAPP_SENDR_ACTIVE"],
            (
                "triggers: 'WHATSAPP_SENDR_ACTIVE' is not a known trigger: did you mean "
                "WHATSAPP_SENDER_ACTIVE? (allow_unknown_triggers=True accepts a trigger that is newer than "
                "this release of pulumi-sinch)"
            ),
        ),
        (
            ["whatsapp_sender_active "],
            (
                "triggers: 'whatsapp_sender_active' is not a known trigger: did you mean "
                "WHATSAPP_SENDER_ACTIVE? (allow_unknown_triggers=True accepts a trigger that is newer than "
                "this release of pulumi-sinch)"
            ),
        ),
        (
            ["XYZ"],
            (
                "triggers: 'XYZ' is not a known trigger: see pulumi_sinch.Trigger "
                "(allow_unknown_triggers=True accepts a trigger that is newer than this release of "
                "pulumi-sinch)"
            ),
        ),
    ],
)
def test_bad_triggers(triggers: Any, reason: str) -> None:
    """Each kind of invalid triggers has its own advice."""
    assert problems(triggers=triggers) == [reason]


def test_every_bad_trigger_is_named() -> None:
    """Several invalid triggers, including ALL, are reported at once, each once."""
    found = problems(triggers=["ALL", "WHATSAPP_SENDER_ACTIVEE", "XYZ", "XYZ"])
    assert len(found) == 3
    assert all(problem.startswith("triggers") for problem in found)


@pytest.mark.parametrize(
    "mistaken", [TARGET, "a secret with spaces and t4rget-token", "x" * 100 + "t4rget-token"]
)
def test_a_value_in_the_wrong_place_is_not_shown(mistaken: str) -> None:
    """A target or a secret among the triggers is rejected without being shown."""
    (problem,) = problems(triggers=[ACTIVE, mistaken])
    assert problem.startswith("triggers: entry 2 of the list (its value is not shown) is not a known trigger")
    assert "t4rget-token" not in problem


def test_the_number_of_an_entry_counts_unknown_entries() -> None:
    """The number of an entry is its position in the program's list, which can contain unknown values."""
    found = problems(triggers=[UNKNOWN, ACTIVE, ACTIVE, TARGET, TARGET])
    assert [problem.partition(" (")[0] for problem in found] == ["triggers: entry 4 of the list"]


def test_unknown_triggers_may_be_allowed() -> None:
    """With `allow_unknown_triggers`, a trigger that looks like one is accepted."""
    allowed = given_inputs(triggers=["RCS_BRAND_NEW_2"], allow_unknown_triggers=True)
    assert validate(allowed)[1] == []
    (problem,) = problems(triggers=["rcs_new"], allow_unknown_triggers=True)
    assert problem.startswith("triggers: 'rcs_new' cannot be a trigger")
    assert problem.endswith("and contain only capital letters, digits and underscores")


@pytest.mark.parametrize("version", [1, 1.0, "1"])
def test_one_version_however_it_is_written(version: Any) -> None:
    """The versions 1, 1.0 and "1" are equal, because the engine sends numbers as floats."""
    assert validate(given_inputs(secret_version=version))[0]["secret_version"] == "1"


@pytest.mark.parametrize("version", [1.5, True, [1], {}, float("inf"), float("nan"), ""])
def test_bad_secret_versions(version: Any) -> None:
    """A version is a string that is not empty, or a whole number."""
    (problem,) = problems(secret_version=version)
    assert problem == "secret_version must be a string that is not empty, or a whole number"


@pytest.mark.parametrize(
    "project_id", ["", ".", "..", "../other", "a/b", "a b", "a%2Fb", "${id}", "ä", 7.0, "a\n"]
)
def test_bad_project_ids(project_id: Any) -> None:
    """A project id that would lead to another path is rejected."""
    (problem,) = problems(project_id=project_id)
    assert problem == "project_id must be a Sinch project id: letters, digits, hyphens and underscores"


@pytest.mark.parametrize("flag", ["adopt", "allow_unknown_triggers"])
@pytest.mark.parametrize("value", ["true", 1.0, []])
def test_bad_flags(flag: str, value: Any) -> None:
    """A flag is True or False."""
    assert problems(**{flag: value}) == [f"{flag} must be True or False"]


def test_unknown_properties_are_refused() -> None:
    """A misspelt property is an error, without control characters in its name."""
    assert problems(tragets=1, **{"\x1b[2J": 2}) == [
        "tragets is not a property of a webhook",
        "[2J is not a property of a webhook",
    ]


def test_every_problem_at_once() -> None:
    """All problems are reported at once. Each starts with its property's name and contains no value."""
    found = validate(
        {
            "target": "not-a-url-t4rget-token",
            "triggers": [],
            "secret": "s3cret" * 30,
            "secret_version": 1.5,
            "project_id": "..",
            "adopt": "yes",
            "allow_unknown_triggers": "yes",
            "colour": "red",
        }
    )[1]
    names = [
        "target",
        "triggers",
        "secret",
        "secret_version",
        "project_id",
        "adopt",
        "allow_unknown_triggers",
    ]
    assert [problem.split(" ")[0] for problem in found] == [*names, "colour"]
    assert not any(value in " ".join(found) for value in ("t4rget-token", "s3cret", "yes", "red"))


def test_missing_properties() -> None:
    """A missing required property is reported."""
    assert validate({}) == ({}, ["target is required", "triggers is required"])


@pytest.mark.parametrize("key", ["target", "triggers", "secret", "secret_version", "project_id"])
def test_an_unknown_value_passes(key: str) -> None:
    """An unknown value is accepted and kept."""
    inputs, found = validate(given_inputs(**{key: UNKNOWN}))
    assert found == []
    assert inputs[key] is UNKNOWN


@pytest.mark.parametrize("unknown", ["target", "triggers"])
def test_known_values_are_brought_into_form_beside_unknown_ones(unknown: str) -> None:
    """Known values are normalized next to unknown ones, so that an equal `secret_version` does not change."""
    inputs, _ = validate(given_inputs(secret_version=1.0, adopt=False, **{unknown: UNKNOWN}))
    assert inputs["secret_version"] == "1"
    assert "adopt" not in inputs


def test_problems_are_told_beside_unknown_values() -> None:
    """Known values are validated next to unknown ones."""
    found = validate(
        {"target": UNKNOWN, "triggers": ["XYZ"], "secret": "", "project_id": UNKNOWN, "adopt": 3}
    )[1]
    assert [problem.split(" ")[0] for problem in found] == ["secret", "adopt", "triggers:"]


def test_triggers_may_be_known_in_part() -> None:
    """If triggers are known in part, the known ones are validated and the unknown ones are kept."""
    nested = [UNKNOWN]
    assert validate(given_inputs(triggers=[UNKNOWN]))[1] == []
    assert validate(given_inputs(triggers=[ACTIVE, UNKNOWN, nested])) == (
        given_inputs(triggers=[ACTIVE, UNKNOWN, nested]),
        [],
    )
    (problem,) = problems(triggers=[UNKNOWN, "XYZ"])
    assert problem.startswith("triggers: 'XYZ'")
    assert problems(triggers={"a": UNKNOWN}) == []
    assert problems(triggers=[UNKNOWN, 7.0]) == [
        "triggers must contain only strings and members of pulumi_sinch.Trigger"
    ]


@pytest.mark.parametrize("key", ["target", "secret", "secret_version", "project_id", "adopt"])
def test_another_value_that_is_known_in_part_passes(key: str) -> None:
    """Any other value that is known in part is validated only when it is known completely."""
    assert problems(**{key: [UNKNOWN]}) == []


def test_an_unknown_flag_refuses_nothing() -> None:
    """If `allow_unknown_triggers` is unknown, no trigger is rejected."""
    assert problems(triggers=["XYZ"], allow_unknown_triggers=UNKNOWN) == []


@pytest.mark.parametrize("given", ["FROM_THE_FUTURE", "A_SMALLER_ONE", "Z_GREATER_ONE"])
def test_only_the_stored_value_itself_needs_no_validation(given: str) -> None:
    """Only a value that equals the stored one is accepted without validation (`ignore_changes`)."""
    stored = {"target": "https://h.example/", "triggers": ["FROM_THE_FUTURE"]}
    values, problems = validate({**stored, "triggers": [given]}, stored)
    assert bool(problems) == (given != "FROM_THE_FUTURE")
    assert values == {**stored, "triggers": [given]}


def test_members_are_triggers() -> None:
    """Members of `Trigger` are the strings that Sinch knows."""
    assert validate(given_inputs(triggers=[Trigger.BUNDLE_DONE]))[1] == []
    assert len(KNOWN_TRIGGERS) == 39


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.just(UNKNOWN),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=6,
)
KEYS = ["target", "triggers", "secret", "secret_version", "project_id", "adopt", "allow_unknown_triggers"]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON_VALUES)))
def test_nothing_breaks_validation(inputs: dict[str, Any]) -> None:
    """For any inputs, the result is a list of one-line problems that begin with a property's name."""
    for problem in validate(inputs)[1]:
        assert problem.split(" ")[0].rstrip(":") in KEYS
        assert problem.isprintable()


TRIGGERS = st.lists(st.sampled_from([*sorted(KNOWN_TRIGGERS), "A_NEW_ONE", "Z_NEW_ONE"]), max_size=8)


@given(wanted=TRIGGERS, stored=TRIGGERS, data=st.data())
def test_order_and_repetitions_do_not_matter(
    wanted: list[str], stored: list[str], data: st.DataObject
) -> None:
    """The order and duplicates of given triggers do not matter, and ordering twice changes nothing."""
    ordered = ordered_triggers(wanted, stored)
    permuted = data.draw(st.permutations(wanted + wanted[:2]))
    assert ordered_triggers(permuted, stored) == ordered
    assert sorted(ordered) == sorted(set(wanted))
    assert ordered_triggers(wanted, ordered) == ordered
    assert ordered_triggers(ordered, ordered) == ordered


def test_the_stored_order_stays() -> None:
    """Stored triggers keep their order. New ones follow sorted, then unknown triggers and values."""
    unknown = UNKNOWN
    wanted = ["A_NEW_ONE", INACTIVE, unknown, ACTIVE, "ALL", "BUNDLE_DONE"]
    expected = [INACTIVE, ACTIVE, "ALL", "BUNDLE_DONE", "A_NEW_ONE", unknown]
    assert ordered_triggers(wanted, [INACTIVE, "RCS_SENDER_COMMENT_ADDED", ACTIVE, INACTIVE]) == expected
