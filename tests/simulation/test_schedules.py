"""Random programs, faults, kills and outside changes end with exactly the declared webhooks.

Webhooks of other people are never changed. `SINCH_SCHEDULES` sets the number of schedules, in shards of 50.
The name of a test contains the seed of its shard, counted from `SINCH_SEED`. `make soak` runs 10,000
schedules with a new seed.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from in_process_plugin import ROUTES, RouteName, webhook_contents
from pulumi_sinch.emulator import Emulator
from simulation.scenario import PROJECTS, TARGETS, TRIGGERS, Scenario
from tunnel import HOST, Fault, Tunnel

SCHEDULES = int(os.environ.get("SINCH_SCHEDULES", "200"))
FIRST_SEED = int(os.environ.get("SINCH_SEED", "1"))
SHARD = 50

triggers = st.lists(st.sampled_from(TRIGGERS), min_size=1, unique=True)
picks = st.integers(0, 999)
FAULTS = (
    {"kind": "reset"},
    {"kind": "reset", "after_commit": True},
    {"kind": "status", "status": 408},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 429, "retry_after": "7"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_commit": True},
    {"kind": "status", "status": 303, "after_commit": True},
    {"kind": "status", "status": 499, "after_commit": True},
    {"kind": "status", "status": 520, "after_commit": True},
    {"kind": "status", "status": 401},
    {"kind": "truncated_body"},
    {"kind": "truncated_json"},
    {"kind": "html", "status": 404},
    {"kind": "html", "status": 200},
    {"kind": "empty"},
    {"kind": "expired_token"},
)


PROXY_FAULTS: tuple[Fault, ...] = (407, 502, "cut CONNECT", "garble CONNECT", "cut handshake")
RATE_LIMITS: tuple[dict[str, float], ...] = (
    {},
    {},
    {"per_project": 0.5, "burst": 2},
    {"per_project": 2, "burst": 1},
    {"per_key": 1, "burst": 3},
    {"per_project": 0.2, "per_key": 0.3, "burst": 5},
)

fault_with_its_requests = st.fixed_dictionaries(
    {
        "fault": st.sampled_from(FAULTS),
        "method": st.sampled_from((None, "GET", "POST", "POST", "PUT", "PATCH", "DELETE")),
        "nth": st.integers(1, 2),
        "times": st.sampled_from((1, 2, 5, 9)),
    }
)


class Schedules(RuleBasedStateMachine):
    """One schedule: changes of the program and at Sinch, and runs with faults and kills."""

    route: RouteName = "dynamic"
    tunnel: Tunnel
    """The proxy in front of Sinch, which some schedules use."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = Emulator(projects=PROJECTS)
        self.emulator.allow_host(HOST)
        self.emulator.start()

    @initialize(
        count=st.integers(1, 4),
        triggers=triggers,
        given=st.booleans(),
        proxied=st.sampled_from((False, False, True)),
    )
    def begin(self, count: int, triggers: list[str], given: bool, proxied: bool) -> None:
        self.tunnel.faults.clear()
        self.tunnel.lead_to(self.emulator.url)
        direct = self.emulator.environment
        environment = self.tunnel.behind(direct) if proxied else direct
        self.scenario = Scenario(self.emulator, environment, self.route)
        for pick in range(count):
            self._declare(pick, triggers, PROJECTS[pick % 2], given=given)

    @rule(pick=picks, triggers=triggers, project=st.sampled_from(PROJECTS), given=st.booleans())
    def declare(self, pick: int, triggers: list[str], project: str, given: bool) -> None:
        if not self.scenario.unsettled:
            self._declare(pick, triggers, project, given=given)

    @rule(
        pick=picks,
        kind=st.sampled_from(
            ("target", "triggers", "secret", "secret", "project", "rename", "adopting rename", "remove")
        ),
        triggers=triggers,
    )
    def edit(self, pick: int, kind: str, triggers: list[str]) -> None:
        """Change one declaration. After a failed run, the user runs the same program again first."""
        program = self.scenario.program
        if self.scenario.unsettled or not program:
            return
        name = list(program)[pick % len(program)]
        free = self.scenario.free_targets()
        if kind == "target" and free:
            program[name]["target"] = free[pick % len(free)]
        elif kind == "triggers":
            program[name]["triggers"] = triggers
        elif kind == "secret":
            self.scenario.rotate(name)
        elif kind == "project":
            program[name]["project_id"] = PROJECTS[pick % 2]
        elif kind in {"rename", "adopting rename"}:
            renamed = self.scenario.new_name()
            program[renamed] = program.pop(name)
            if kind == "adopting rename":
                self.scenario.adopting.add(renamed)
        elif kind == "remove":
            del program[name]

    @rule(
        pick=picks,
        kind=st.sampled_from(("creates", "takes a target", "changes", "deletes")),
        triggers=triggers,
    )
    def change_outside(self, pick: int, kind: str, triggers: list[str]) -> None:
        """Somebody changes their own webhooks or ours in Sinch's dashboard."""
        ours = [self.scenario.engine.state[name].id for name in sorted(self.scenario.engine.state)]
        live = {webhook.id: webhook for project in PROJECTS for webhook in self.emulator.webhooks(project)}
        project = PROJECTS[pick % 2]
        if kind in {"creates", "takes a target"}:
            target = (
                f"https://others.example.com/{pick}" if kind == "creates" else TARGETS[pick % len(TARGETS)]
            )
            if len(self.scenario.foreign_webhooks) < 5 and (project, target) not in {
                (webhook.project_id, webhook.target) for webhook in live.values()
            }:
                webhook = self.emulator.create_webhook(target, triggers, "the-secret-of-others", project)
                self.scenario.foreign_webhooks[webhook.id] = webhook_contents(webhook)
        elif ours and ours[pick % len(ours)] in live:
            webhook_id = ours[pick % len(ours)]
            if kind == "deletes":
                self.emulator.delete_webhook(webhook_id)
            else:
                self.emulator.change_webhook(webhook_id, triggers=triggers)

    @rule(pick=picks)
    def adopt(self, pick: int) -> None:
        """Adopt another person's webhook with their consent, and run at once."""
        adoptable = self.scenario.adoptable()
        if adoptable and not self.scenario.unsettled:
            self.scenario.adopt(adoptable[pick % len(adoptable)])
            self.scenario.up()

    @rule(
        faults=st.lists(fault_with_its_requests, max_size=3),
        kill_after=st.sampled_from((None, None, None, 0, 1, 2, 4)),
        expired=st.booleans(),
        proxy_faults=st.lists(st.sampled_from(PROXY_FAULTS), max_size=3),
        limits=st.sampled_from(RATE_LIMITS),
    )
    def up(
        self,
        faults: list[dict[str, Any]],
        kill_after: int | None,
        expired: bool,
        proxy_faults: list[Fault],
        limits: dict[str, Any],
    ) -> None:
        """Run the program with faults and rate limits. A run may be killed after a save or during a retry."""
        for meeting in faults:
            where = {key: meeting[key] for key in ("method", "nth", "times")}
            self.emulator.faults.add(**meeting["fault"], **where)
        if expired:
            self.emulator.expire_tokens()
        self.tunnel.faults.extend(proxy_faults)
        self.emulator.limit_rate(**limits)
        self.scenario.kill_after = kill_after
        self.scenario.up()
        self.emulator.limit_rate()
        self.tunnel.faults.clear()
        self.emulator.faults.clear()

    @rule()
    def refresh(self) -> None:
        self.scenario.refresh()

    def _declare(self, pick: int, triggers: list[str], project: str, *, given: bool) -> None:
        free = self.scenario.free_targets()
        if free:
            fields = {"target": free[pick % len(free)], "triggers": triggers, "project_id": project}
            secret = {"secret": self.scenario.new_secret()} if given else {}
            self.scenario.program[self.scenario.new_name()] = fields | secret

    def teardown(self) -> None:
        try:
            self.scenario.settle()
            self.scenario.assert_promise()
        finally:
            self.emulator.stop()


class PluginSchedules(Schedules):
    """The same schedules on the route of the provider plugin."""

    route: RouteName = "plugin"


@pytest.fixture(scope="module")
def tunnel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    """A proxy that the environment names. `lead_to` sets the Sinch behind it."""
    folder = tmp_path_factory.mktemp("tunnel")
    with pytest.MonkeyPatch.context() as patch, Tunnel("http://127.0.0.1:9", folder) as tunnel:
        for name, value in tunnel.network.items():
            patch.setenv(name, value)
        yield tunnel


@pytest.mark.parametrize(
    "number", range(FIRST_SEED, FIRST_SEED + -(-SCHEDULES // (2 * SHARD))), ids="seed {}".format
)
@pytest.mark.parametrize("schedules", [Schedules, PluginSchedules], ids=ROUTES)
def test_random_schedules_end_with_exactly_what_is_declared(
    schedules: type[Schedules], number: int, tunnel: Tunnel
) -> None:
    """After faults, kills and outside changes, a clean run ends with exactly the declared webhooks."""
    run_state_machine_as_test(
        seed(number)(type("Schedules", (schedules,), {"tunnel": tunnel})),
        settings=settings(
            max_examples=SHARD,
            stateful_step_count=30,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
