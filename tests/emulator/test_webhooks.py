"""The six webhook endpoints, compared with the contract."""

import re
from typing import Any

import pytest
import requests
from pulumi_sinch.emulator import Emulator

TRIGGERS = [
    "ALL",
    "BUNDLE_DONE",
    "KAKAOTALK_SENDER_ACTIVE",
    "KAKAOTALK_SENDER_COMMENT_ADDED",
    "KAKAOTALK_SENDER_INACTIVE",
    "KAKAOTALK_SENDER_REJECTED",
    "KAKAOTALK_TEMPLATE_APPROVED",
    "KAKAOTALK_TEMPLATE_COMMENT_ADDED",
    "KAKAOTALK_TEMPLATE_REJECTED",
    "RCS_BRAND_REGISTRATION_PROCESS_STATUS_UPDATED",
    "RCS_SENDER_COMMENT_ADDED",
    "RCS_SENDER_OPERATOR_STATUS_UPDATED",
    "RCS_SENDER_STATUS_UPDATED",
    "RCS_ACCOUNT_COMMENT_ADDED",
    "WHATSAPP_ACCOUNT_COMMENT_ADDED",
    "WHATSAPP_ACCOUNT_DAILY_LIMIT_CHANGED",
    "WHATSAPP_ACCOUNT_ONBOARDED",
    "WHATSAPP_ACCOUNT_PENDING_VERIFICATION",
    "WHATSAPP_ACCOUNT_REJECTED",
    "WHATSAPP_WABA_ACCOUNT_CHANGED",
    "WHATSAPP_SENDER_ACTIVE",
    "WHATSAPP_SENDER_COMMENT_ADDED",
    "WHATSAPP_SENDER_DAILY_LIMIT_CHANGED",
    "WHATSAPP_SENDER_DELETED",
    "WHATSAPP_SENDER_DISPLAY_NAME_UPDATED",
    "WHATSAPP_SENDER_ERROR",
    "WHATSAPP_SENDER_INACTIVE",
    "WHATSAPP_SENDER_PENDING_VERIFICATION",
    "WHATSAPP_SENDER_QUALITY_RATING_CHANGED",
    "WHATSAPP_SENDER_REJECTED",
    "WHATSAPP_SENDER_USERNAME_UPDATED",
    "WHATSAPP_TEMPLATE_APPROVED",
    "WHATSAPP_TEMPLATE_CATEGORY_FUTURE_UPDATE",
    "WHATSAPP_TEMPLATE_CATEGORY_UPDATED",
    "WHATSAPP_TEMPLATE_COMMENT_ADDED",
    "WHATSAPP_TEMPLATE_DELETED",
    "WHATSAPP_TEMPLATE_QUALITY_SCORE_UPDATED",
    "WHATSAPP_TEMPLATE_REJECTED",
    "WHATSAPP_TEMPLATE_STATUS_UPDATED",
]
ABSENT = "0" * 32


def body(**fields: object) -> dict[str, object]:
    return {"target": "https://a.example/in", "triggers": ["ALL"], "secret": "hush-hush", **fields}


def validation_errors(answer: requests.Response) -> list[str]:
    assert answer.status_code == 400
    refused = answer.json()
    assert (refused["errorCode"], refused["message"]) == ("invalid_input", "Invalid input.")
    assert isinstance(refused["resolution"], str)
    errors: list[str] = refused["additionalInformation"]["validationErrors"]
    return errors


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    refused = answer.json()
    assert refused["resolution"]
    return answer.status_code, refused["errorCode"], refused["message"]


def test_create_answers_the_webhook_without_its_secret(
    api: requests.Session, sinch_emulator: Emulator
) -> None:
    """POST responds with 201, id, project, target and triggers, and without the stored secret."""
    answer = api.post("", json=body())
    assert answer.status_code == 201
    created = answer.json()
    assert re.fullmatch(r"[0-9a-f]{32}", created["id"])
    assert created == {
        "id": created["id"],
        "projectId": sinch_emulator.project_id,
        "target": "https://a.example/in",
        "triggers": ["ALL"],
    }
    (stored,) = sinch_emulator.webhooks()
    assert stored.secret == "hush-hush"
    assert "hush-hush" not in repr(stored)


def test_every_documented_trigger_is_accepted(api: requests.Session) -> None:
    """All documented triggers are accepted, in the order sent."""
    assert len(TRIGGERS) == 39
    answer = api.post("", json=body(triggers=TRIGGERS))
    assert answer.status_code == 201
    assert answer.json()["triggers"] == TRIGGERS


def test_get_shows_what_was_created(api: requests.Session) -> None:
    """GET responds with 200 and the same object as POST."""
    created = api.post("", json=body()).json()
    answer = api.get(f"/{created['id']}")
    assert (answer.status_code, answer.json()) == (200, created)


def test_put_replaces_the_whole_webhook(api: requests.Session, sinch_emulator: Emulator) -> None:
    """PUT replaces target, triggers and secret, and keeps the id."""
    created = api.post("", json=body()).json()
    new = body(target="https://b.example", triggers=["BUNDLE_DONE"], secret="other")
    answer = api.put(f"/{created['id']}", json=new)
    assert answer.status_code == 200
    assert answer.json() == {**created, "target": "https://b.example", "triggers": ["BUNDLE_DONE"]}
    assert sinch_emulator.webhook(created["id"]).secret == "other"


@pytest.mark.parametrize("missing", ["target", "triggers", "secret"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_post_and_put_need_every_field(
    api: requests.Session, sinch_emulator: Emulator, method: str, missing: str
) -> None:
    """POST and PUT without one of the three fields are rejected and change nothing."""
    before = sinch_emulator.create_webhook("https://before.example")
    sent = body()
    del sent[missing]
    answer = api.request(method, "" if method == "POST" else f"/{before.id}", json=sent)
    assert validation_errors(answer) == [f"{missing} is required"]
    assert sinch_emulator.webhooks() == [before]


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({"target": "https://b.example"}, {"target": "https://b.example"}),
        ({"triggers": ["BUNDLE_DONE", "ALL"]}, {"triggers": ["BUNDLE_DONE", "ALL"]}),
        ({"secret": "s2"}, {}),
        ({}, {}),
    ],
)
def test_patch_changes_only_what_is_sent(
    api: requests.Session, sinch_emulator: Emulator, sent: dict[str, Any], changed: dict[str, Any]
) -> None:
    """PATCH takes any subset of the fields."""
    created = api.post("", json=body()).json()
    answer = api.patch(f"/{created['id']}", json=sent)
    assert (answer.status_code, answer.json()) == (200, {**created, **changed})
    assert sinch_emulator.webhook(created["id"]).secret == sent.get("secret", "hush-hush")


def test_delete_answers_nothing_and_a_second_one_not_found(api: requests.Session) -> None:
    """DELETE responds with 204 without a body. A second DELETE is 404."""
    created = api.post("", json=body()).json()
    answer = api.delete(f"/{created['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert refusal(api.delete(f"/{created['id']}")) == (404, "webhook_not_found", "Webhook not found.")
    assert refusal(api.get(f"/{created['id']}"))[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_unknown_id_is_not_found(api: requests.Session, method: str) -> None:
    """Requests for a webhook that does not exist are 404 webhook_not_found."""
    answer = api.request(method, f"/{ABSENT}", json=body())
    assert refusal(answer) == (404, "webhook_not_found", "Webhook not found.")


@pytest.mark.parametrize("webhook_id", ["x", "0" * 31, "0" * 33, "g" * 32, f"{'0' * 32}%20", "a/b"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_malformed_id_is_refused(api: requests.Session, method: str, webhook_id: str) -> None:
    """An id that is not 32 hex digits is 400 invalid_id_format."""
    answer = api.request(method, f"/{webhook_id}", json=body())
    assert refusal(answer) == (400, "invalid_id_format", "Id is not in the expected format.")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("target", "no url", "target must be a URL address"),
        ("target", "/relative", "target must be a URL address"),
        ("target", "ftp://a.example", "target must be a URL address"),
        ("target", "https://", "target must be a URL address"),
        ("target", "https://a.example/\n", "target must be a URL address"),
        ("target", "https://a.example:http/", "target must be a URL address"),
        ("target", "https://a.example/" + "x" * 725, "target must be 1 to 742 characters long"),
        ("target", None, "target must be a string"),
        ("target", {"object": "of the generator"}, "target must be a string"),
        ("triggers", [], "triggers must contain at least 1 element"),
        ("triggers", ["ALL", "ALL"], "triggers must not contain duplicates"),
        ("triggers", ["NO_SUCH_EVENT"], "each value in triggers must be one of the documented triggers"),
        ("triggers", "ALL", "triggers must be an array of strings"),
        ("triggers", [1], "triggers must be an array of strings"),
        ("triggers", None, "triggers must be an array of strings"),
        ("secret", "", "secret must be 1 to 128 characters long"),
        ("secret", "x" * 129, "secret must be 1 to 128 characters long"),
        ("secret", 5, "secret must be a string"),
        ("secret", "\ud800", "secret must be valid Unicode"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_field_that_breaks_a_rule_is_refused(
    api: requests.Session, sinch_emulator: Emulator, method: str, field: str, value: object, error: str
) -> None:
    """An invalid field is 400 invalid_input with the reason, and nothing changes."""
    before = sinch_emulator.create_webhook("https://before.example")
    path = "" if method == "POST" else f"/{before.id}"
    sent = {field: value} if method == "PATCH" else body(**{field: value})
    assert validation_errors(api.request(method, path, json=sent)) == [error]
    assert sinch_emulator.webhooks() == [before]


def test_the_longest_target_and_secret_are_accepted(api: requests.Session) -> None:
    """A target of 742 characters and a secret of 128 are accepted."""
    target = "https://a.example/" + "x" * 724
    assert len(target) == 742
    assert api.post("", json=body(target=target, secret="x" * 128)).status_code == 201


def test_all_problems_are_told_at_once(api: requests.Session) -> None:
    """Several problems are reported in one response."""
    errors = validation_errors(api.post("", json={"target": "x", "triggers": []}))
    assert errors == [
        "secret is required",
        "target must be a URL address",
        "triggers must contain at least 1 element",
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"text"', b"null", b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_that_is_no_object_is_refused(
    api: requests.Session, sinch_emulator: Emulator, method: str, data: bytes
) -> None:
    """A body that is not a JSON object is 400 invalid_payload."""
    before = sinch_emulator.create_webhook("https://before.example")
    answer = api.request(method, "" if method == "POST" else f"/{before.id}", data=data)
    assert refusal(answer) == (400, "invalid_payload", "Invalid payload.")
    assert sinch_emulator.webhooks() == [before]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_target_is_unique_within_its_project(
    api: requests.Session, sinch_emulator: Emulator, method: str
) -> None:
    """A target of another webhook in the project is 409. A webhook may keep its own target."""
    sinch_emulator.create_webhook("https://taken.example")
    mine = sinch_emulator.create_webhook("https://mine.example", secret="hush-hush")
    path = "" if method == "POST" else f"/{mine.id}"
    answer = api.request(method, path, json=body(target="https://taken.example"))
    assert refusal(answer) == (409, "webhook_exists", "Webhook with the provided target already exists.")
    if method != "POST":
        assert api.request(method, path, json=body(target="https://mine.example")).status_code == 200
    sinch_emulator.add_project("another")
    assert (
        sinch_emulator.create_webhook("https://taken.example", project_id="another").project_id == "another"
    )


def test_the_quota_is_fifteen(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The 16th webhook of a project is 424. After a delete, one more can be created."""
    ids = [sinch_emulator.create_webhook(f"https://{number}.example").id for number in range(15)]
    answer = api.post("", json=body())
    assert refusal(answer) == (424, "webhook_limit_reached", "Number of webhooks has reached the limit.")
    sinch_emulator.delete_webhook(ids[0])
    assert api.post("", json=body()).status_code == 201


def test_undocumented_fields_are_ignored(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Undocumented fields are ignored, also id and project."""
    created = api.post("", json=body(id=ABSENT, projectId="other", name="x")).json()
    assert created["id"] != ABSENT
    assert created["projectId"] == sinch_emulator.project_id


def test_out_of_band_changes_show_at_once(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Webhooks that are changed out of band are visible in the API at once."""
    webhook = sinch_emulator.create_webhook("https://a.example", ["SOMETHING_NEW"])
    assert api.get(f"/{webhook.id}").json()["triggers"] == ["SOMETHING_NEW"]
    sinch_emulator.change_webhook(webhook.id, triggers=["ALL"], secret="s2")
    assert api.get(f"/{webhook.id}").json()["triggers"] == ["ALL"]
    assert sinch_emulator.webhook(webhook.id).secret == "s2"
    sinch_emulator.delete_webhook(webhook.id)
    assert api.get(f"/{webhook.id}").status_code == 404
    assert sinch_emulator.journal.count("DELETE") == 0


def test_switches_decide_what_sinch_leaves_open() -> None:
    """Options choose the undocumented behavior: https only, ALL with others, order, and extra triggers."""
    switches: Any = {"https_only": True, "all_with_others": False, "extra_triggers": ["NEW", "ANEW"]}
    with Emulator(**switches, trigger_order="alphabetical") as emulator, requests.Session() as session:
        session.auth = (emulator.key_id, emulator.key_secret)
        url = f"{emulator.url}/v1/projects/{emulator.project_id}/webhooks"
        errors = validation_errors(
            session.post(url, json=body(target="http://a.example", triggers=["ALL", "NEW"]))
        )
        assert errors == ["target must use https", "triggers must not contain ALL together with others"]
        assert session.post(url, json=body(triggers=["NEW", "ANEW"])).json()["triggers"] == ["ANEW", "NEW"]
