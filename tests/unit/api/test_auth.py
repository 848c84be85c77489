import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from pulumi_sinch.api.auth import FixedAuth, OAuth2Auth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    AnswerLostError,
    ConnectionFailedError,
    DeadlineExceededError,
    SinchError,
    TokenError,
    UnexpectedResponseError,
)
from pulumi_sinch.api.http_messages import Request, Response
from unit.fakes import FakeTime, in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "key-s3cret"


class TokenEndpoint:
    """A fake transport that returns tokens named 1, 2, …, or a given response."""

    names = "123456789"

    def __init__(self, time: FakeTime, **body: Any) -> None:
        self.clock = time.clock
        self.body = {"expires_in": 3600, **body}
        self.requests: list[tuple[Request, str, Deadline]] = []
        self.outcome: Response | Exception | None = None
        self.gate: threading.Event | None = None
        self.linger = threading.Event()  # never set: the timeout lets other threads arrive
        self.reached = threading.Event()

    def send(self, request: Request, authorization: str, deadline: Deadline) -> Response:
        self.requests.append((request, authorization, deadline))
        number = len(self.requests)
        self.reached.set()
        if self.gate is not None:
            assert self.gate.wait(20)
        self.linger.wait(0.02)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome or json_response(200, {"access_token": self.names[number - 1], **self.body})


def json_response(status: int, body: object) -> Response:
    return Response(status, {}, json.dumps(body).encode())


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def endpoint(time: FakeTime) -> TokenEndpoint:
    return TokenEndpoint(time)


@pytest.fixture
def auth(endpoint: TokenEndpoint) -> OAuth2Auth:
    return make_auth(endpoint)


def make_auth(endpoint: TokenEndpoint) -> OAuth2Auth:
    return OAuth2Auth(endpoint, auth_url="https://auth.example", key_id="key-id", key_secret=SECRET)  # type: ignore[arg-type]


def test_the_token_request(auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """A token request sends the key with HTTP basic and the grant as a form."""
    assert auth.authorization(time.deadline()) == "Bearer 1"
    request, authorization, _ = endpoint.requests[0]
    assert (request.method, request.url) == ("POST", "https://auth.example/oauth2/token")
    assert request.form == {"grant_type": "client_credentials"}
    assert request.idempotent
    assert authorization == "Basic " + base64.b64encode(f"key-id:{SECRET}".encode()).decode()


def test_one_token_serves_all_threads(auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """If many threads need the first token at once, it is fetched once."""
    assert in_threads(8, lambda: auth.authorization(time.deadline())) == ["Bearer 1"] * 8
    assert len(endpoint.requests) == 1


def test_a_token_is_used_until_shortly_before_its_end(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """A token with a lifetime of one hour is renewed in its last minute."""
    auth.authorization(time.deadline())
    time.now += 3539
    assert auth.authorization(time.deadline()) == "Bearer 1"
    time.now += 1
    assert auth.authorization(time.deadline()) == "Bearer 2"
    assert len(endpoint.requests) == 2


def test_one_thread_renews_while_others_go_on(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """Only the thread that renews a token early waits for it."""
    auth.authorization(time.deadline())
    time.now += 3550
    endpoint.gate = threading.Event()
    endpoint.reached.clear()
    renewed: list[str] = []
    thread = threading.Thread(target=lambda: renewed.append(auth.authorization(time.deadline())), daemon=True)
    thread.start()
    assert endpoint.reached.wait(20)
    assert auth.authorization(time.deadline()) == "Bearer 1"
    endpoint.gate.set()
    thread.join(20)
    assert renewed == ["Bearer 2"]
    assert len(endpoint.requests) == 2


def test_a_failed_early_renewal_harms_nobody(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """After a failed early renewal the old token is used, and not every request tries to renew it."""
    auth.authorization(time.deadline())
    time.now += 3545
    endpoint.outcome = ConnectionFailedError("no connection")
    assert auth.authorization(time.deadline(30)) == "Bearer 1"
    assert endpoint.requests[-1][2].seconds == 5
    time.now += 9.9
    assert auth.authorization(time.deadline()) == "Bearer 1"
    assert len(endpoint.requests) == 2
    endpoint.outcome = None
    time.now += 0.1
    assert auth.authorization(time.deadline()) == "Bearer 3"


def test_a_failed_renewal_counts_once_the_token_has_expired(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """If the token has expired, a failed renewal fails the operation."""
    auth.authorization(time.deadline())
    time.now += 3600
    endpoint.outcome = ConnectionFailedError("no connection")
    with pytest.raises(ConnectionFailedError):
        auth.authorization(time.deadline())


@pytest.mark.parametrize("names", ["123456789", "987654321"])
def test_a_rejected_token_is_renewed_once_for_all(
    names: str, auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """Threads whose requests were rejected with the same token share one new token."""
    endpoint.names = names
    rejected = auth.authorization(time.deadline())

    def renew() -> str:
        assert auth.renew(rejected, time.deadline())
        return auth.authorization(time.deadline())

    assert in_threads(8, renew) == [f"Bearer {names[1]}"] * 8
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("rejected", ["Bearer 0", "Bearer 1", "Bearer 9"])
def test_a_token_that_another_thread_has_replaced_stays(
    rejected: str, auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """A thread that was rejected with an old token gets the current token."""
    auth.renew(auth.authorization(time.deadline()), time.deadline())
    assert auth.renew(rejected, time.deadline())
    assert auth.authorization(time.deadline()) == "Bearer 2"
    assert len(endpoint.requests) == 2


def test_a_token_rejected_after_a_failed_early_renewal_is_renewed(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """After a failed early renewal, a rejected token is still renewed."""
    rejected = auth.authorization(time.deadline())
    time.now += 3545
    endpoint.outcome = ConnectionFailedError("no connection")
    auth.authorization(time.deadline())
    endpoint.outcome = None
    assert auth.renew(rejected, time.deadline())
    assert auth.authorization(time.deadline()) == "Bearer 3"


def test_waiting_for_a_token_ends(auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """A thread waits for another thread's token no longer than its own operation may take."""
    endpoint.gate = threading.Event()
    first = threading.Thread(target=lambda: auth.authorization(time.deadline()), daemon=True)
    first.start()
    assert endpoint.reached.wait(20)
    with pytest.raises(DeadlineExceededError, match=r"none arrived within the timeout of 0\.05 seconds"):
        auth.authorization(time.deadline(0.05))
    endpoint.gate.set()
    first.join(20)


def test_a_failed_fetch_is_tried_again_by_the_next(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """A failed token request is not cached: the next request tries again."""
    endpoint.outcome = json_response(500, {})
    with pytest.raises(TokenError):
        auth.authorization(time.deadline())
    endpoint.outcome = None
    assert auth.authorization(time.deadline()) == "Bearer 2"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": None},
        {"access_token": "line\nbreak"},
        {"access_token": "two parts"},
        {"access_token": "nön-ascii"},
        "t0ken",
    ],
)
def test_an_answer_without_a_token(
    body: object, auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """A 200 without a usable token is an error that does not quote the response."""
    endpoint.outcome = json_response(200, body)
    with pytest.raises(UnexpectedResponseError) as refused:
        auth.authorization(time.deadline())
    assert str(refused.value) == "fetching an access token failed (HTTP 200): the response has no token"


@pytest.mark.parametrize(
    ("expires_in", "used_for"),
    [
        (3600, 3540),
        (3600.0, 3540),
        (100, 90),
        (1, 0.9),
        (None, 270),
        ("3600", 270),
        (0, 270),
        (-5, 270),
        (True, 270),
        (10**400, 86340),
        (1e308, 86340),
    ],
)
def test_the_life_of_a_token(expires_in: object, used_for: float, time: FakeTime) -> None:
    """An invalid `expires_in` counts as five minutes, a huge one as a day."""
    endpoint = TokenEndpoint(time, expires_in=expires_in)
    auth = make_auth(endpoint)
    auth.authorization(time.deadline())
    time.now += used_for - 0.01
    assert auth.authorization(time.deadline()) == "Bearer 1"
    time.now += 0.02
    assert auth.authorization(time.deadline()) == "Bearer 2"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302, 500, 503])
def test_a_refused_key(status: int, auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """The endpoint's message is shown without the key's secret, and the error is not ambiguous."""
    encoded = base64.b64encode(f"key-id:{SECRET}".encode()).decode()
    description = f"bad \x1b[0m {SECRET} {encoded}"
    endpoint.outcome = json_response(status, {"error": "invalid_client", "error_description": description})
    with pytest.raises(TokenError) as refused:
        auth.authorization(time.deadline())
    assert str(refused.value) == (
        f"fetching an access token failed (HTTP {status} invalid_client): bad  [0m [hidden] [hidden]"
    )
    assert not refused.value.ambiguous


def test_a_refused_key_answered_in_html(auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """An HTML page of the token endpoint is not quoted."""
    endpoint.outcome = Response(403, {}, b"<html>key-s3cret</html>")
    with pytest.raises(TokenError, match=r"^fetching an access token failed \(HTTP 403\)$"):
        auth.authorization(time.deadline())


def test_a_lost_token_answer_leaves_nothing_open(time: FakeTime) -> None:
    """A create that gets no token is not ambiguous, because no POST was sent."""
    from pulumi_sinch.api.transport import Transport
    from unit.fakes import ScriptedServer, fields

    transport = Transport(time.clock)
    with ScriptedServer(b"") as server:
        auth = OAuth2Auth(transport, auth_url=server.url, key_id="i", key_secret="s")
        client = WebhooksClient(transport, auth, api_url=server.url)
        with pytest.raises(AnswerLostError) as lost:
            client.create("p", fields(), time.deadline())
    transport.close()
    assert not lost.value.ambiguous
    assert str(lost.value).startswith("fetching an access token failed")


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (FixedAuth.bearer("t0ken"), "Bearer t0ken"),
        (FixedAuth.basic("key-id", SECRET), "Basic a2V5LWlkOmtleS1zM2NyZXQ="),
    ],
)
def test_fixed_ways(auth: FixedAuth, header: str, time: FakeTime) -> None:
    """A given token and HTTP basic are sent unchanged and cannot be renewed."""
    assert auth.authorization(time.deadline()) == header
    assert auth.renew(header, time.deadline()) is False


def test_representations_hold_no_secret(auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime) -> None:
    """No repr contains the key's secret or a token."""
    endpoint.body["access_token"] = "t0ken"
    auth.authorization(time.deadline())
    shown = f"{auth!r} {auth._token!r} {FixedAuth.bearer('t0ken')!r} {endpoint.requests[0][0]!r}"
    assert not any(part in shown for part in (SECRET, "t0ken"))


def test_errors_of_a_thread_do_not_lock_out_others(
    auth: OAuth2Auth, endpoint: TokenEndpoint, time: FakeTime
) -> None:
    """If the endpoint fails, every thread gets an error and none waits forever."""
    endpoint.outcome = ConnectionFailedError("no connection")
    results: Iterator[Any] = iter(in_threads(8, lambda: auth.authorization(time.deadline())))
    assert all(isinstance(result, SinchError) for result in results)
