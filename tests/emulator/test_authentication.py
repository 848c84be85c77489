"""The token endpoint, tokens and basic authentication against the contract."""

from collections.abc import Iterator

import pytest
import requests
from pulumi_sinch.emulator import Emulator

FORM = {"grant_type": "client_credentials"}


class FakeTime:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def emulator(time: FakeTime) -> Iterator[Emulator]:
    with Emulator(projects=["p1", "p2"], clock=time) as running:
        running.add_key("other-key", "other-secret", ["p3"])
        yield running


def ask_token(emulator: Emulator) -> requests.Response:
    auth = (emulator.key_id, emulator.key_secret)
    return requests.post(f"{emulator.url}/oauth2/token", auth=auth, data=FORM, timeout=10)


def list_webhooks(emulator: Emulator, token: str, project_id: str = "p1") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{emulator.url}/v1/projects/{project_id}/webhooks", headers=headers, timeout=10)


def assert_unauthorized(answer: requests.Response, *, expired: bool = False) -> None:
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == "unauthorized_error"
    assert answer.json()["message"] == "Unauthorized error."
    assert "project id" in answer.json()["resolution"]
    assert ("expired" in answer.headers["www-authenticate"]) is expired


def test_an_access_key_gets_a_token(emulator: Emulator) -> None:
    """The response has a token in JWT format, its type, lifetime and scope."""
    answer = ask_token(emulator)
    assert answer.status_code == 200
    token = answer.json()
    assert sorted(token) == ["access_token", "expires_in", "scope", "token_type"]
    assert token["access_token"].count(".") == 2
    assert (token["token_type"], token["expires_in"]) == ("bearer", 3600)
    assert list_webhooks(emulator, token["access_token"]).status_code == 200


@pytest.mark.parametrize("auth", [None, ("", ""), ("nobody", "x"), ("other-key", "x"), ("other-key", "é")])
def test_a_wrong_key_gets_no_token(emulator: Emulator, auth: tuple[str, str] | None) -> None:
    """The documented error body names the error and describes it."""
    answer = requests.post(f"{emulator.url}/oauth2/token", auth=auth, data=FORM, timeout=10)
    assert answer.status_code == 401
    assert sorted(answer.json()) == ["error", "error_description"]
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("form", "error"),
    [({}, "invalid_request"), ({"grant_type": "password"}, "unsupported_grant_type")],
)
def test_only_client_credentials_are_granted(emulator: Emulator, form: dict[str, str], error: str) -> None:
    """Any other grant type is rejected with 400."""
    auth = (emulator.key_id, emulator.key_secret)
    answer = requests.post(f"{emulator.url}/oauth2/token", auth=auth, data=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_tokens_live_side_by_side_until_they_expire(emulator: Emulator, time: FakeTime) -> None:
    """Several tokens are valid at once. Each expires an hour after it was issued."""
    first = ask_token(emulator).json()["access_token"]
    time.now += 1800
    second = ask_token(emulator).json()["access_token"]
    assert first != second
    assert list_webhooks(emulator, first).status_code == 200
    time.now += 1800
    assert_unauthorized(list_webhooks(emulator, first), expired=True)
    assert list_webhooks(emulator, second).status_code == 200


def test_tokens_can_be_expired_at_once(emulator: Emulator) -> None:
    """expire_tokens expires the tokens issued so far, but no later ones."""
    token = ask_token(emulator).json()["access_token"]
    emulator.expire_tokens()
    assert_unauthorized(list_webhooks(emulator, token), expired=True)
    assert list_webhooks(emulator, ask_token(emulator).json()["access_token"]).status_code == 200


def test_the_clock_can_be_moved(emulator: Emulator) -> None:
    """Tokens expire by the emulator's clock."""
    token = ask_token(emulator).json()["access_token"]
    emulator.clock.advance(3599)
    assert list_webhooks(emulator, token).status_code == 200
    emulator.clock.advance(1)
    assert_unauthorized(list_webhooks(emulator, token), expired=True)
    emulator.clock.set(1_000_000)
    assert list_webhooks(emulator, token).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic !!!", "Basic eDp5", "Digest a=b", "x"],
)
def test_missing_and_made_up_credentials_are_refused(emulator: Emulator, authorization: str | None) -> None:
    """Missing and invalid credentials get a 401 that does not mention expiry."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = requests.get(f"{emulator.url}/v1/projects/p1/webhooks", headers=headers, timeout=10)
    assert_unauthorized(answer)


@pytest.mark.parametrize("project_id", ["p3", "no-such-project"])
def test_a_project_of_another_key_is_refused_like_one_that_does_not_exist(
    emulator: Emulator, project_id: str
) -> None:
    """A wrong project with valid credentials gets a 401, whose resolution names the project id."""
    token = ask_token(emulator).json()["access_token"]
    assert_unauthorized(list_webhooks(emulator, token, project_id))
    auth = (emulator.key_id, emulator.key_secret)
    url = f"{emulator.url}/v1/projects/{project_id}/webhooks"
    assert_unauthorized(requests.get(url, auth=auth, timeout=10))


def test_a_key_opens_all_its_projects(emulator: Emulator) -> None:
    """A key opens all its projects, each with its own webhooks."""
    emulator.create_webhook("https://a.example", project_id="p2")
    token = ask_token(emulator).json()["access_token"]
    assert list_webhooks(emulator, token, "p1").json()["totalSize"] == 0
    assert list_webhooks(emulator, token, "p2").json()["totalSize"] == 1


def test_basic_authentication_opens_the_api(emulator: Emulator) -> None:
    """The API accepts the access key with basic authentication."""
    auth = ("other-key", "other-secret")
    assert requests.get(f"{emulator.url}/v1/projects/p3/webhooks", auth=auth, timeout=10).status_code == 200


def test_a_revoked_key_closes_its_tokens(emulator: Emulator) -> None:
    """Tokens of a revoked key are rejected."""
    token = ask_token(emulator).json()["access_token"]
    emulator.remove_key(emulator.key_id)
    assert_unauthorized(list_webhooks(emulator, token))


def test_credentials_are_not_in_any_repr(emulator: Emulator) -> None:
    """No repr of the emulator or its parts contains the key's secret."""
    assert emulator.key_secret not in repr(emulator)
    assert emulator.key_secret not in repr(vars(emulator)["_backend"])


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:80", "127.0.0.1.example", "[", ""])
@pytest.mark.parametrize("path", ["/oauth2/token", "/v1/projects/x/webhooks", "/v1/x"])
def test_a_host_that_is_not_this_machine_is_rejected(sinch_emulator: Emulator, host: str, path: str) -> None:
    """A request with a foreign Host (DNS rebinding) gets neither token nor webhook."""
    auth = (sinch_emulator.key_id, sinch_emulator.key_secret)
    form = {"grant_type": "client_credentials"}
    answer = requests.post(sinch_emulator.url + path, form, auth=auth, headers={"Host": host}, timeout=10)
    assert (answer.status_code, "access_token" in answer.text) == (403, False)
    assert (
        answer.json()["error"]
        == "The host in the Host header is neither this machine nor an allowed host (--allow-host)."
    )
    assert sinch_emulator.journal.count() == 0


def test_an_allowed_host_reaches_everything() -> None:
    """API, page and control API accept an allowed host in any case and with a port."""
    with Emulator() as emulator:
        emulator.allow_host("Sinch.test")
        url, auth = (
            f"{emulator.url}/v1/projects/{emulator.project_id}/webhooks",
            (emulator.key_id, emulator.key_secret),
        )
        headers = {"Host": "sinch.TEST:4010"}
        assert requests.get(url, auth=auth, headers=headers, timeout=10).status_code == 200
        for path in ("/", "/_emulator/health"):
            assert requests.get(emulator.url + path, headers=headers, timeout=10).status_code == 200
