"""The provider's methods in this process, with an emulator over loopback and a virtual clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from in_process_servicer import InProcessServicer
from pulumi_sinch.api.deadline import Clock
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE
from pulumi_sinch.core import accounts, run_state
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.store import StoredWebhook
from pulumi_sinch.provider import SinchWebhookProvider

RouteName = Literal["dynamic", "plugin"]
ROUTES: tuple[RouteName, ...] = ("dynamic", "plugin")
"""The dynamic provider of Python programs, and the provider plugin."""
AnyProvider = SinchWebhookProvider | InProcessServicer

HANG_TIMEOUT = 1.8
"""Timeout in seconds of an operation whose response never arrives. Only these seconds are really waited for,
in thirds."""


class VirtualClock:
    """Moves when somebody sleeps, like the emulator's clock, and by a timeout for each lost response."""

    def __init__(self, emulator: Emulator) -> None:
        self.slept: list[float] = []
        self.before_sleep: Callable[[], None] = lambda: None
        self._emulator = emulator
        self.clock = Clock(monotonic=self.monotonic, sleep=self.sleep, random=lambda: 0.5)

    def monotonic(self) -> float:
        hangs = sum(entry.fault == "hang" for entry in self._emulator.journal.entries())
        return 1000.0 + sum(self.slept) + hangs * HANG_TIMEOUT / 3

    def sleep(self, seconds: float) -> None:
        self.before_sleep()
        self.slept.append(seconds)
        self._emulator.clock.advance(seconds)


@dataclass
class InProcessPlugin:
    """One plugin process: a provider with its own session, token and cache."""

    emulator: Emulator
    time: VirtualClock
    provider: AnyProvider
    account: accounts.Account = field(repr=False)

    @property
    def project_id(self) -> str:
        return self.emulator.project_id

    def warm_up(self, *, listing: bool) -> None:
        """Fetch the token and the list, so that later requests do not include them."""
        if listing:
            self.account.cache(self.project_id).webhooks(self.account.deadline(), max_age=MAX_AGE_FOR_CREATE)
        else:
            self.account.client.list(self.project_id, self.account.deadline())
        self.emulator.journal.clear()


def start_in_process_plugin(
    emulator: Emulator,
    *,
    timeout: float = 30.0,
    environment: Mapping[str, str] | None = None,
    route: RouteName = "dynamic",
) -> InProcessPlugin:
    """Start a new plugin process, without the state of an earlier one.

    Args:
        emulator: The emulator.
        timeout: Maximum seconds of an operation.
        environment: The variables that point at the emulator. Default: its own.
        route: The route between engine and provider.
    """
    run_state.start_run()
    variables = {**(environment or emulator.environment), "SINCH_TIMEOUT": str(timeout)}
    provider, settings = _providers[route](variables)
    time = VirtualClock(emulator)
    account = accounts.open_account(settings, time.clock)
    accounts.share_account(account)
    return InProcessPlugin(emulator, time, provider, account)


def _dynamic_provider(variables: Mapping[str, str]) -> tuple[AnyProvider, Settings]:
    provider = SinchWebhookProvider()
    provider.settings = Settings.read(lambda _: None, variables)
    return provider, provider.settings


def _provider_plugin(variables: Mapping[str, str]) -> tuple[AnyProvider, Settings]:
    given = {key: variables[variable] for key, variable in ENVIRONMENT.items() if variable in variables}
    provider = InProcessServicer(given)
    return provider, provider.servicer._settings


_providers = {"dynamic": _dynamic_provider, "plugin": _provider_plugin}


def request_lines(emulator: Emulator) -> list[str]:
    """Return the requests, such as ``PATCH 200``. ``POST -`` has no response."""
    return [
        f"{_name(entry.method, entry.path)} {entry.status or '-'}" for entry in emulator.journal.entries()
    ]


def _name(method: str, path: str) -> str:
    if path.endswith("/oauth2/token"):
        return "token"
    return "list" if method == "GET" and path.endswith("/webhooks") else method


def summarize(requests: list[str]) -> str:
    """Combine equal requests, or pairs of them, such as ``PATCH 500 x4``."""
    groups: list[str] = []
    while requests:
        length, times = max(
            ((n, _repetitions(requests, n)) for n in (1, 2)), key=lambda found: found[0] * found[1]
        )
        if times == 1:
            length = 1
        group = ", ".join(requests[:length])
        groups.append(group if times == 1 else f"{group} x{times}" if length == 1 else f"({group}) x{times}")
        requests = requests[length * times :]
    return ", ".join(groups) or "none"


def _repetitions(requests: list[str], length: int) -> int:
    """Count how often the first few requests are repeated."""
    first, times = requests[:length], 1
    while requests[length * times : length * (times + 1)] == first:
        times += 1
    return times


def webhook_contents(webhook: StoredWebhook) -> Mapping[str, Any]:
    """Return the contents of a webhook, including its secret."""
    return {"target": webhook.target, "triggers": set(webhook.triggers), "secret": webhook.secret}
