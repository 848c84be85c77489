"""Rate limits of projects and access keys."""

import time
from collections.abc import Callable, Iterator

import pytest
import requests
from emulator.conftest import WebhooksSession
from pulumi_sinch.emulator import Emulator

OTHER_PROJECT = "0c1d2e3f-0000-4000-8000-000000000002"


class Standing:
    """A clock that moves only when the emulator's clock is advanced."""

    def __call__(self) -> float:
        return 1_000_000.0


@pytest.fixture
def limited() -> Iterator[Emulator]:
    with Emulator(projects=["p", OTHER_PROJECT], clock=Standing()) as emulator:
        yield emulator


@pytest.fixture
def get(limited: Emulator) -> Iterator[Callable[..., requests.Response]]:
    with WebhooksSession(limited) as session:

        def send(project: str = "p", **options: object) -> requests.Response:
            session.base = f"{limited.url}/v1/projects/{project}/webhooks"
            return session.get("", **options)  # type: ignore[arg-type]

        yield send


def token(emulator: Emulator, key_id: str = "", key_secret: str = "") -> int:
    response = requests.post(
        f"{emulator.url}/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(key_id or emulator.key_id, key_secret or emulator.key_secret),
        timeout=10,
    )
    return response.status_code


def test_a_request_beyond_the_burst_is_rejected(
    limited: Emulator, get: Callable[..., requests.Response]
) -> None:
    """A request beyond the burst gets a 429 with `Retry-After`, in the format of the API's errors."""
    limited.limit_rate(per_project=0.4, burst=2)
    assert [get().status_code for _ in range(2)] == [200, 200]
    rejected = get()
    assert (rejected.status_code, rejected.headers["Retry-After"]) == (429, "3")
    assert rejected.json()["errorCode"] == "too_many_requests"
    assert [entry.status for entry in limited.journal.entries("GET")] == [200, 200, 429]


def test_a_rejected_request_has_no_effect(limited: Emulator) -> None:
    """A rejected request has no effect and takes no token."""
    limited.limit_rate(per_project=1, burst=1)
    with WebhooksSession(limited) as api:
        api.get("")
        body = {"target": "https://a.example", "triggers": ["ALL"], "secret": "s"}
        assert [api.post("", json=body).status_code for _ in range(3)] == [429] * 3
        assert limited.webhooks() == []
        limited.clock.advance(1)
        assert api.post("", json=body).status_code == 201


def test_a_bucket_fills_up_to_the_burst(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """A bucket gains tokens with time, up to the burst."""
    limited.limit_rate(per_project=2, burst=3)
    assert [get().status_code for _ in range(4)] == [200, 200, 200, 429]
    limited.clock.advance(1)
    assert [get().status_code for _ in range(3)] == [200, 200, 429]
    limited.clock.advance(1000)
    assert [get().status_code for _ in range(4)] == [200, 200, 200, 429]
    limited.clock.advance(-5000)
    assert get().status_code == 429


def test_each_project_has_its_own_bucket(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """A project at its limit does not slow down another project, nor token requests."""
    limited.limit_rate(per_project=1, burst=1)
    assert [get().status_code, get().status_code, get(OTHER_PROJECT).status_code] == [200, 429, 200]
    assert token(limited) == 200


def test_each_key_has_its_own_bucket(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """Token requests and all projects count for a key. Another key is not slowed down."""
    limited.add_key("another", "its-secret", ["p"])
    limited.limit_rate(per_key=1, burst=2)
    assert [token(limited), get().status_code, get(OTHER_PROJECT).status_code] == [200, 200, 429]
    assert token(limited) == 429
    assert get(auth=("another", "its-secret")).status_code == 200
    assert token(limited, "another", "its-secret") == 200


def test_a_bearer_token_counts_for_its_key(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """A key has one bucket, with a token and with basic authentication."""
    issued = limited._backend.authentication.issue(limited.key_id)
    limited.limit_rate(per_key=1, burst=1)

    class Bearer(requests.auth.AuthBase):
        def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
            r.headers["Authorization"] = f"Bearer {issued}"
            return r

    assert [get(auth=Bearer()).status_code, get().status_code] == [200, 429]


def test_invalid_credentials_do_not_count(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """Requests with invalid credentials get 401 and do not count."""
    limited.limit_rate(per_project=1, per_key=1, burst=1)
    assert [get(auth=(limited.key_id, "wrong")).status_code for _ in range(3)] == [401] * 3
    assert token(limited, key_secret="wrong") == 401
    assert get().status_code == 200


def test_limits_end(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """Without arguments, all limits end. A reset restores the initial limits."""
    limited.limit_rate(per_project=1, burst=1)
    limited.limit_rate()
    assert {get().status_code for _ in range(20)} == {200}
    limited.limit_rate(per_project=1, burst=1)
    limited.reset()
    assert {get().status_code for _ in range(20)} == {200}


def test_limits_from_the_start() -> None:
    """Initial limits are options, and a reset restores them with full buckets."""
    with (
        Emulator(rate_per_project=1, burst=1, clock=Standing()) as emulator,
        WebhooksSession(emulator) as api,
    ):
        assert [api.get("").status_code, api.get("").status_code] == [200, 429]
        emulator.limit_rate()
        emulator.reset()
        assert [api.get("").status_code, api.get("").status_code] == [200, 429]


@pytest.mark.parametrize(
    "limits",
    [
        *({"per_project": rate} for rate in (0, 1e-9, -1.0, float("inf"))),
        *({"burst": burst} for burst in (0, 10**400)),
    ],
)
def test_impossible_limits(limits: dict[str, float]) -> None:
    """A rate is at least 0.001, and the burst is from 1 to 1,000,000. The error is one sentence."""
    emulator = Emulator()
    with pytest.raises(ValueError, match=r"^\w+: must be (greater than|less than|a finite)[\w .]*$"):
        emulator.limit_rate(**limits)  # type: ignore[arg-type]


def test_limits_over_the_control_api(limited: Emulator, get: Callable[..., requests.Response]) -> None:
    """The control API sets, shows and removes limits, and rejects invalid fields."""
    url = f"{limited.url}/_emulator"
    limits = {"per_project": 1.0, "per_key": None, "burst": 1}
    assert requests.put(f"{url}/rate-limits", json=limits, timeout=10).status_code == 204
    assert requests.get(f"{url}/info", timeout=10).json()["rate_limits"] == limits
    assert [get().status_code, get().status_code] == [200, 429]
    assert requests.put(f"{url}/rate-limits", json={}, timeout=10).status_code == 204
    assert get().status_code == 200


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"per_second": 1}, "per_second: is not a known field"),
        ({"burst": 0}, "burst: must be greater than or equal to 1"),
        ({"burst": "3"}, "burst: must be a valid integer"),
        ({"burst": True}, "burst: must be a valid integer"),
        ({"per_key": "5"}, "per_key: must be a valid number"),
        ({"per_project": 1e-300}, "per_project: must be greater than or equal to 0.001"),
        ([], "the body: must be a JSON object"),
    ],
)
def test_the_control_api_rejects_wrong_limits(limited: Emulator, wrong: object, problem: str) -> None:
    """Unknown fields and values of another type are errors. The limits stay as they were."""
    limited.limit_rate(per_key=7)
    rejected = requests.put(f"{limited.url}/_emulator/rate-limits", json=wrong, timeout=10)
    assert (rejected.status_code, rejected.json()) == (400, {"error": problem})
    shown = requests.get(f"{limited.url}/_emulator/info", timeout=10).json()["rate_limits"]
    assert shown == {"per_project": None, "per_key": 7, "burst": 10}


def test_the_real_clock_fills_the_buckets() -> None:
    """With the real clock, the buckets gain tokens."""
    with Emulator(rate_per_project=10, burst=1) as emulator, WebhooksSession(emulator) as api:
        assert api.get("").status_code == 200
        time.sleep(0.2)
        assert api.get("").status_code == 200
