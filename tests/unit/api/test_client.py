import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from pulumi_sinch.api.auth import FixedAuth, OAuth2Auth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    AnswerLostError,
    ApiError,
    ConnectionFailedError,
    InvalidInputError,
    SinchError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.emulator import Emulator
from unit.fakes import FakeTime, ScriptedServer, Step, answer, fields

TARGET = "https://hooks.example.com/a?token=t4rget-token"
WEBHOOK = {"id": "w1", "projectId": "p", "target": TARGET, "triggers": ["ALL"]}
Connect = Callable[[str], WebhooksClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Create clients with a fixed token."""
    transports: list[Transport] = []

    def make(url: str) -> WebhooksClient:
        transports.append(Transport(FakeTime().clock))
        return WebhooksClient(transports[-1], FixedAuth.bearer("t0ken"), api_url=url)

    yield make
    for transport in transports:
        transport.close()


@pytest.fixture
def client(sinch_emulator: Emulator) -> Iterator[WebhooksClient]:
    """A client of the emulator."""
    transport = Transport(FakeTime().clock)
    auth = OAuth2Auth(
        transport,
        auth_url=sinch_emulator.url,
        key_id=sinch_emulator.key_id,
        key_secret=sinch_emulator.key_secret,
    )
    yield WebhooksClient(transport, auth, api_url=sinch_emulator.url)
    transport.close()


@pytest.fixture
def deadline() -> Deadline:
    return FakeTime().deadline()


def page(*ids: str, **other: Any) -> bytes:
    return answer(200, json.dumps({"webhooks": [{**WEBHOOK, "id": id_} for id_ in ids], **other}).encode())


def test_the_six_calls(client: WebhooksClient, sinch_emulator: Emulator, deadline: Deadline) -> None:
    """Each method sends one request, and returns a webhook or a list of webhooks."""
    project = sinch_emulator.project_id
    created = client.create(project, fields(), deadline)
    assert (created.target, created.triggers, created.project_id) == (fields()["target"], ("ALL",), project)
    assert client.get(project, created.id, deadline) == created
    assert client.list(project, deadline) == [created]
    assert client.update(project, created.id, {"triggers": ["BUNDLE_DONE"]}, deadline).triggers == (
        "BUNDLE_DONE",
    )
    assert client.replace(project, created.id, fields(), deadline).triggers == ("ALL",)
    client.delete(project, created.id, deadline)
    client.delete(project, created.id, deadline)
    seen = [f"{entry.method} {entry.status}" for entry in sinch_emulator.journal.entries()]
    assert seen == [
        "POST 200",
        "POST 201",
        "GET 200",
        "GET 200",
        "PATCH 200",
        "PUT 200",
        "DELETE 204",
        "DELETE 404",
    ]


def test_documented_refusals(client: WebhooksClient, sinch_emulator: Emulator, deadline: Deadline) -> None:
    """Each documented error raises its own exception with Sinch's message."""
    project = sinch_emulator.project_id
    client.create(project, fields(), deadline)
    with pytest.raises(
        WebhookExistsError, match=r"^creating the webhook failed \(HTTP 409 webhook_exists\): "
    ):
        client.create(project, fields(), deadline)
    with pytest.raises(InvalidInputError) as refused:
        client.create(project, fields("no-url"), deadline)
    assert refused.value.details
    assert not refused.value.ambiguous
    with pytest.raises(WebhookNotFoundError):
        client.get(project, "0" * 32, deadline)
    with pytest.raises(UnauthorizedError):
        client.list("another-project", deadline)
    for number in range(14):
        client.create(project, fields(f"https://h.example/{number}"), deadline)
    with pytest.raises(WebhookLimitReachedError):
        client.create(project, fields("https://h.example/more"), deadline)


@pytest.mark.parametrize(
    ("pages", "ids", "calls"),
    [
        ([page("a")], ["a"], 1),
        ([page()], [], 1),
        ([page("a", nextPageToken="")], ["a"], 1),
        ([page("a", nextPageToken=None)], ["a"], 1),
        ([page("a", nextPageToken="2"), page("b")], ["a", "b"], 2),
        ([page("a", nextPageToken="2"), page("a", "b")], ["a", "b"], 2),
        ([page("a", nextPageToken="2"), page("b", nextPageToken="2"), page("c")], ["a", "b"], 2),
    ],
)
def test_pages_end(
    pages: list[Step], ids: list[str], calls: int, connect: Connect, deadline: Deadline
) -> None:
    """A list ends at a page without a token, with an empty token, or with a token that was seen before."""
    with ScriptedServer(*pages) as server:
        assert [webhook.id for webhook in connect(server.url).list("p", deadline)] == ids
    assert len(server.requests) == calls
    assert [request.path.partition("?")[2] for request in server.requests] == ["", "pageToken=2"][:calls]


def test_more_than_sixteen_pages_are_an_error(connect: Connect, deadline: Deadline) -> None:
    """More than sixteen pages are an error, because a project has at most 15 webhooks."""
    with (
        ScriptedServer(*(page("a", nextPageToken=str(number)) for number in range(30))) as server,
        pytest.raises(UnexpectedResponseError, match="did not end after 16 pages"),
    ):
        connect(server.url).list("p", deadline)
    assert len(server.requests) == 16


def test_unknown_fields_and_triggers_are_read(connect: Connect, deadline: Deadline) -> None:
    """Fields and triggers that this release does not know are accepted."""
    body = {**WEBHOOK, "triggers": ["FROM_THE_FUTURE"], "name": "n", "nested": {"a": [1]}}
    with ScriptedServer(answer(200, json.dumps(body).encode())) as server:
        assert connect(server.url).get("p", "w1", deadline).triggers == ("FROM_THE_FUTURE",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>t4rget-token</html>",
        b'{"id": "", "target": "https://h.example/"}',
        b'{"id": "w1"}',
        b'{"id": 7, "target": "t4rget-token"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_none(body: bytes, connect: Connect, deadline: Deadline) -> None:
    """A 2xx without a webhook is an error that does not quote the body. After a write it is ambiguous."""
    with ScriptedServer(answer(200, body)) as server:
        client = connect(server.url)
        for call, ambiguous in (
            (lambda: client.get("p", "w1", deadline), False),
            (lambda: client.list("p", deadline), False),
            (lambda: client.create("p", fields(), deadline), True),
            (lambda: client.update("p", "w1", {}, deadline), True),
        ):
            with pytest.raises(UnexpectedResponseError) as refused:
                call()
            assert refused.value.ambiguous is ambiguous
            assert str(refused.value).endswith("failed (HTTP 200): the response is not from Sinch's API")


def test_a_create_is_sent_once(connect: Connect, deadline: Deadline) -> None:
    """A create is never retried after an ambiguous response, because that could create a second webhook."""
    with ScriptedServer(b"", answer(201, json.dumps(WEBHOOK).encode())) as server:
        with pytest.raises(AnswerLostError) as lost:
            connect(server.url).create("p", fields(), deadline)
        assert (lost.value.ambiguous, len(server.requests)) == (True, 1)


def test_a_webhook_under_another_status_is_none(connect: Connect, deadline: Deadline) -> None:
    """A webhook in a response with another status than 2xx is an error."""
    with (
        ScriptedServer(answer(300, json.dumps(WEBHOOK).encode())) as server,
        pytest.raises(ApiError, match="HTTP 300"),
    ):
        connect(server.url).get("p", "w1", deadline)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]"])
def test_a_delete_that_says_more_than_nothing(body: bytes, connect: Connect, deadline: Deadline) -> None:
    """A DELETE succeeds with a 200 without a body, but not with a 2xx that has HTML or JSON."""
    with ScriptedServer(answer(200, body)) as server:
        connect(server.url).delete("p", "w1", deadline)
    others = [b'{"error": "blocked"}', b'"no"', b"false", b"0", b'""']
    for status, other in [(200, b"<html>"), (206, b"<html>"), *((200, other) for other in others)]:
        with ScriptedServer(answer(status, other)) as server, pytest.raises(UnexpectedResponseError) as odd:
            connect(server.url).delete("p", "w1", deadline)
        assert odd.value.ambiguous


@pytest.mark.parametrize(
    ("status", "error_code", "ambiguous"),
    [
        (400, "invalid_input", False),
        (400, "", True),
        (403, "", True),
        (429, "", False),
        (499, "", True),
        (500, "internal_error", True),
        (503, "", True),
    ],
)
@pytest.mark.parametrize("method", ["create", "replace", "update", "delete"])
def test_which_errors_are_ambiguous(
    method: str, status: int, error_code: str, ambiguous: bool, connect: Connect
) -> None:
    """A change is ambiguous unless Sinch refused it. A read never is."""
    body = json.dumps({"errorCode": error_code}).encode()
    arguments: dict[str, list[Any]] = {"create": [fields()], "delete": ["w1"]}
    with ScriptedServer(answer(status, body)) as server:
        client = connect(server.url)
        with pytest.raises(ApiError) as change:
            getattr(client, method)("p", *arguments.get(method, ["w1", fields()]), client.clock.deadline(30))
        with pytest.raises(ApiError) as read:
            client.get("p", "w1", client.clock.deadline(30))
    assert (change.value.ambiguous, read.value.ambiguous) == (ambiguous, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<html>not here</html>"),
        (404, b""),
        (404, b'{"errorCode": "route_not_found"}'),
        (404, b'{"message": "webhook_not_found"}'),
        (403, b'{"errorCode": "webhook_not_found"}'),
        (400, b'{"errorCode": "webhook_not_found"}'),
        (502, b'{"errorCode": "webhook_not_found"}'),
        (401, b'{"errorCode": "webhook_not_found"}'),
    ],
)
def test_only_the_api_can_say_that_a_webhook_is_gone(
    status: int, body: bytes, connect: Connect, deadline: Deadline
) -> None:
    """A webhook is gone only if the response has both the status 404 and the code `webhook_not_found`."""
    with ScriptedServer(answer(status, body)) as server:
        for call in (connect(server.url).get, connect(server.url).delete):
            with pytest.raises(ApiError) as refused:
                call("p", "w1", deadline)
            assert not isinstance(refused.value, WebhookNotFoundError)


def test_a_list_never_says_that_a_webhook_is_gone(connect: Connect, deadline: Deadline) -> None:
    """A list request never reports a webhook as gone, because that would remove all from the state."""
    body = b'{"errorCode": "webhook_not_found", "message": "Webhook not found."}'
    with (
        ScriptedServer(answer(404, body)) as server,
        pytest.raises(UnexpectedResponseError, match="HTTP 404"),
    ):
        connect(server.url).list("p", deadline)


@pytest.mark.parametrize("method", ["get", "replace", "update"])
def test_the_response_about_another_webhook_is_none(
    method: str, connect: Connect, deadline: Deadline
) -> None:
    """A response about another webhook is an error. A gateway may mix up responses."""
    body = [] if method == "get" else [fields()]
    with ScriptedServer(answer(200, json.dumps(WEBHOOK).encode())) as server:
        call = getattr(connect(server.url), method)
        assert call("p", "W1", *body, deadline).id == "w1"
        with pytest.raises(UnexpectedResponseError) as mixed_up:
            call("p", "w2", *body, deadline)
    assert mixed_up.value.ambiguous == (method != "get")


def test_an_error_page_of_a_proxy(connect: Connect, deadline: Deadline) -> None:
    """The HTML of an error page is not quoted."""
    with (
        ScriptedServer(answer(403, b"<html>Denied t4rget-token</html>")) as server,
        pytest.raises(ApiError) as refused,
    ):
        connect(server.url).get("p", "w1", deadline)
    assert str(refused.value) == "reading the webhook failed (HTTP 403): the response is not from Sinch's API"


EXPIRED = answer(401, b'{"errorCode": "unauthorized_error"}', www_authenticate='Bearer error="EXPIRED"')


class RenewableAuth:
    """Tokens with numbers."""

    def __init__(self) -> None:
        self.renewed = 0

    def authorization(self, deadline: Deadline) -> str:
        return f"Bearer t0ken-{self.renewed}"

    def renew(self, rejected: str, deadline: Deadline) -> bool:
        assert rejected == f"Bearer t0ken-{self.renewed}"
        self.renewed += 1
        return True


@pytest.mark.parametrize(
    ("steps", "calls", "works"),
    [
        ([EXPIRED, page("a")], 2, True),
        ([EXPIRED, EXPIRED, page("a")], 2, False),
        ([answer(401), page("a")], 1, False),
        ([answer(401, www_authenticate="Bearer realm=x"), page("a")], 1, False),
        ([answer(403, www_authenticate="expired"), page("a")], 1, False),
        ([answer(400, www_authenticate="expired"), page("a")], 1, False),
    ],
)
def test_an_expired_token_is_renewed_once(
    steps: list[Step], calls: int, works: bool, deadline: Deadline
) -> None:
    """If the API says that the token has expired, it is renewed once, and the request is sent once more."""
    auth = RenewableAuth()
    transport = Transport(FakeTime().clock)
    with ScriptedServer(*steps) as server:
        client = WebhooksClient(transport, auth, api_url=server.url)
        if works:
            assert len(client.list("p", deadline)) == 1
        else:
            with pytest.raises(ApiError):
                client.list("p", deadline)
    transport.close()
    sent = [request.header("authorization")[0] for request in server.requests]
    assert sent == ["Bearer t0ken-0", "Bearer t0ken-1"][:calls]


@pytest.mark.parametrize(("steps", "lost"), [([b"", EXPIRED], True), ([EXPIRED], False)])
@pytest.mark.parametrize("renewable", [True, False])
def test_a_renewal_forgets_no_lost_answer(
    steps: list[Step], lost: bool, renewable: bool, deadline: Deadline
) -> None:
    """A write that was ambiguous before its token expired stays ambiguous, even if the renewal fails."""

    class Auth(RenewableAuth):
        def renew(self, rejected: str, deadline: Deadline) -> bool:
            if not renewable:
                raise ConnectionFailedError("no connection")
            return super().renew(rejected, deadline)

    transport = Transport(FakeTime().clock)
    with ScriptedServer(*steps, answer(400, b'{"errorCode": "invalid_input"}')) as server:
        with pytest.raises(ApiError if renewable else ConnectionFailedError) as refused:
            WebhooksClient(transport, Auth(), api_url=server.url).update("p", "w1", {}, deadline)
        assert refused.value.ambiguous is lost
    transport.close()


def test_a_ready_token_that_expired(connect: Connect, deadline: Deadline) -> None:
    """If a given token has expired, the request is not sent again, and the error says that it expired."""
    with (
        ScriptedServer(answer(401, www_authenticate="Bearer expired")) as server,
        pytest.raises(UnauthorizedError, match="the access token has expired"),
    ):
        connect(server.url).list("p", deadline)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "secret", ["s3cret", 's3cret"with\\quotes', "s3crét/with=more+", 's3crét"with\\both']
)
@pytest.mark.parametrize("field", ["errorCode", "message", "resolution", "validationErrors"])
def test_an_echoed_request_is_not_shown(
    secret: str, field: str, connect: Connect, deadline: Deadline
) -> None:
    """If a server echoes the request, the error contains no secret, target or token, escaped or not."""
    body = {"target": TARGET, "secret": secret, "triggers": ["ALL"]}
    escaped = " ".join(json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    echo = f"{secret} {escaped} {TARGET} t0ken {json.dumps(body)} {json.dumps(body, ensure_ascii=False)}"
    error: dict[str, Any] = {field: echo}
    if field == "validationErrors":
        error = {"additionalInformation": {field: [echo]}}
    with (
        ScriptedServer(answer(400, json.dumps(error).encode())) as server,
        pytest.raises(ApiError) as refused,
    ):
        connect(server.url).create("p", body, deadline)
    shown = f"{refused.value} {refused.value!r} {vars(refused.value)}"
    assert not any(part in shown for part in ("s3cr", "t4rget-token", "t0ken"))
    assert "[hidden] [hidden] [hidden] [hidden] [hidden] {" in shown


def test_an_echoed_access_key_is_not_shown(deadline: Deadline) -> None:
    """With HTTP basic, an error never contains the access key's secret, even if the API echoes it."""
    error = {"errorCode": "unauthorized_error", "message": "no user key-id with password s3cr:et"}
    transport = Transport(FakeTime().clock)
    with (
        ScriptedServer(answer(401, json.dumps(error).encode())) as server,
        pytest.raises(UnauthorizedError, match=r"no user key-id with password \[hidden\]$"),
    ):
        WebhooksClient(transport, FixedAuth.basic("key-id", "s3cr:et"), api_url=server.url).list(
            "p", deadline
        )
    transport.close()


def test_the_target_of_another_webhook_is_not_shown_in_full(connect: Connect, deadline: Deadline) -> None:
    """An error redacts the tokens in targets that the server names."""
    echo = f"conflict with {TARGET} and https://user:t4rget-token@h.example/"
    error = {"errorCode": echo, "message": echo, "additionalInformation": {"x": [echo]}}
    with (
        ScriptedServer(answer(400, json.dumps(error).encode())) as server,
        pytest.raises(ApiError) as refused,
    ):
        connect(server.url).delete("p", "id", deadline)
    assert "t4rget-token" not in f"{refused.value} {vars(refused.value)}"
    assert "https://…@h.example/" in refused.value.message


def test_a_flood_of_details_is_cut(connect: Connect, deadline: Deadline) -> None:
    """A long error is shortened, because the engine shows no text of an error that is too long."""
    error = {"errorCode": "invalid_input", "additionalInformation": {"validationErrors": ["x" * 400] * 1000}}
    with (
        ScriptedServer(answer(400, json.dumps(error).encode())) as server,
        pytest.raises(InvalidInputError) as refused,
    ):
        connect(server.url).create("p", fields(), deadline)
    assert refused.value.details == ("x" * 400,) * 10


@pytest.mark.parametrize(
    "odd",
    ["a/b", "a%2Fb", "..%2f..", "a?b#c", "ä b", "a\tb", "a;b=c", "...", "a/../b", "%", "x" * 3000, "\x00"],
)
def test_odd_ids_stay_one_segment(odd: str, connect: Connect, deadline: Deadline) -> None:
    """A webhook id stays one path segment, whatever characters it contains."""
    with ScriptedServer(answer(200, json.dumps({**WEBHOOK, "id": odd}).encode())) as server:
        connect(server.url).get(odd, odd, deadline)
    *start, project, webhooks, webhook_id = server.requests[0].path.split("/")
    assert (start, webhooks) == (["", "v1", "projects"], "webhooks")
    assert unquote(project) == unquote(webhook_id) == odd


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_ids_that_are_no_segment_are_refused(segment: str, connect: Connect, deadline: Deadline) -> None:
    """The ids `.` and `..` are rejected before a request, because they would change the path."""
    with ScriptedServer(answer(204)) as server:
        client = connect(server.url)
        for call in (client.get, client.delete):
            with pytest.raises(SinchError, match="is not a valid webhook id") as refused:
                call("p", segment, deadline)
            assert not refused.value.ambiguous
        with pytest.raises(SinchError, match="is not a valid project id"):
            client.list(segment, deadline)
    assert server.requests == []


def test_a_lost_read_leaves_nothing_open(connect: Connect, deadline: Deadline) -> None:
    """A read whose response is lost is not ambiguous."""
    with ScriptedServer(b"") as server:
        client = connect(server.url)
        with pytest.raises(AnswerLostError) as lost:
            client.list("p", deadline)
        assert not lost.value.ambiguous
        with pytest.raises(AnswerLostError) as lost:
            client.delete("p", "w1", deadline)
        assert lost.value.ambiguous


ECHO = b'{"errorCode": "invalid_input", "message": "t4rget-token", "resolution": "/x?token=t4rget-token", \
"additionalInformation": {"validationErrors": ["no t4rget-token"]}}'


@pytest.mark.parametrize("is_listed", [True, False])
def test_the_echo_of_a_part_of_a_target_is_hidden(
    is_listed: bool, connect: Connect, deadline: Deadline
) -> None:
    """Also in the error of a request without the target. It is known from a list, or from the state."""
    target = "https://h.example/x?token=t4rget-token"
    listed = json.dumps({"webhooks": [{**WEBHOOK, "target": target}]}).encode()
    with ScriptedServer(*([answer(200, listed)] if is_listed else []), answer(400, ECHO)) as server:
        client = connect(server.url)
        if is_listed:
            client.list("p", deadline)
        else:
            client.hide_target(target)
        with pytest.raises(ApiError, match=r"HTTP 400 invalid_input") as refused:
            client.delete("p", "w1", deadline)
    assert str(refused.value).endswith(": [hidden] - no [hidden] - /x?[hidden]")


def test_the_echo_of_a_part_of_the_target_that_was_sent_is_hidden(
    connect: Connect, deadline: Deadline
) -> None:
    """A server may quote only the query of the target."""
    sent = {"target": "https://h.example/x?token=t4rget-token"}
    with ScriptedServer(answer(400, ECHO)) as server, pytest.raises(ApiError) as refused:
        connect(server.url).update("p", "w1", sent, deadline)
    assert "t4rget" not in str(refused.value)


def test_a_page_token_that_cannot_be_sent(connect: Connect, deadline: Deadline) -> None:
    """A lone surrogate fits into no URL. The error is about the response, not about the settings."""
    body = b'{"webhooks": [], "nextPageToken": "\\ud800"}'
    with (
        ScriptedServer(answer(200, body)) as server,
        pytest.raises(UnexpectedResponseError, match=r"HTTP 200\): the response is not from Sinch's API"),
    ):
        connect(server.url).list("p", deadline)
