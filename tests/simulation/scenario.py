"""The parts of a random schedule: a user, other people, and a Sinch that fails. Also the final checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from in_process_plugin import InProcessPlugin, RouteName, start_in_process_plugin, webhook_contents
from pulumi_sinch.emulator import Emulator
from simulation.engine import KilledError, RunResult, SimulatedEngine

PROJECTS = ("0c1d2e3f-0000-4000-8000-000000000001", "0c1d2e3f-0000-4000-8000-000000000002")
TARGETS = tuple(f"https://hooks.example.com/{number}" for number in range(8))
TRIGGERS = ("RCS_SENDER_COMMENT_ADDED", "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR")
RUNS_TO_SETTLE = 12


@dataclass
class Scenario:
    """One schedule: program, state, Sinch and other people's webhooks.

    Attributes:
        emulator: The emulator, with two projects.
        environment: The variables that point at the emulator, directly or through a proxy.
        route: The route between engine and provider.
        engine: The simulated engine and its state.
        program: The declared webhooks.
        adopting: Names that have ``adopt=True`` until a run succeeds.
        foreign_webhooks: Other people's webhooks by id, with their last contents.
        messages: All messages that were shown.
        kill_after: Number of saves, or sleeps, before the run is killed. `None` means never.
        unsettled: Whether the last run failed. Its user then runs the same program again before changing it.
    """

    emulator: Emulator
    environment: Mapping[str, str]
    route: RouteName = "dynamic"
    engine: SimulatedEngine = field(default_factory=SimulatedEngine)
    program: dict[str, dict[str, Any]] = field(default_factory=dict)
    adopting: set[str] = field(default_factory=set)
    foreign_webhooks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    kill_after: int | None = None
    unsettled: bool = False
    names: int = 0
    secrets: int = 0

    def __post_init__(self) -> None:
        self.engine.save = self._maybe_kill

    def new_name(self) -> str:
        self.names += 1
        return f"webhook-{self.names}"

    def new_secret(self) -> str:
        self.secrets += 1
        return f"a-given-secret-number-{self.secrets}"

    def free_targets(self) -> list[str]:
        """Return the targets that neither program nor state has."""
        used = {fields["target"] for fields in self.program.values()}
        used |= {resource.outputs["target"] for resource in self.engine.state.values()}
        return [target for target in TARGETS if target not in used]

    def adoptable(self) -> list[str]:
        """Return the ids of other people's webhooks whose targets the program does not have."""
        declared = {fields["target"] for fields in self.program.values()}
        return sorted(
            webhook_id for webhook_id, left in self.foreign_webhooks.items() if left["target"] not in declared
        )

    def up(self) -> RunResult:
        """Run the program once, as its user would, and follow the advice of an earlier conflict first."""
        self._consent_to_adoption()
        plugin = self._start()
        declared = {
            name: fields | ({"adopt": True} if name in self.adopting else {})
            for name, fields in self.program.items()
        }
        result = self.engine.up(plugin.provider, declared)
        self._end(plugin, result)
        if result.is_clean:
            self._replace_secrets_that_nobody_knows()
            self.adopting = set()
        for name, text in result.errors.items():
            self._follow(name, text)
        self.unsettled = not result.is_clean
        return result

    def refresh(self) -> None:
        plugin = self._start()
        self._end(plugin, self.engine.refresh(plugin.provider))

    def settle(self) -> None:
        """End all faults, and run until a refresh and an `up` change nothing."""
        self.emulator.faults.clear()
        self.emulator.limit_rate()
        self.kill_after = None
        for _ in range(RUNS_TO_SETTLE):
            self.refresh()
            if self.up().is_clean and not self.preview():
                return
        raise AssertionError(f"no clean run in {RUNS_TO_SETTLE}: {self.messages[-3:]}")

    def preview(self) -> set[str]:
        plugin = self._start()
        touched = self.engine.preview(plugin.provider, self.program)
        assert not self.emulator.journal.entries()
        return touched

    def assert_promise(self) -> None:
        """Check that exactly the declared webhooks exist, others are unchanged, and no secret leaked."""
        live = {webhook.id: webhook for project in PROJECTS for webhook in self.emulator.webhooks(project)}
        for webhook_id, left in self.foreign_webhooks.items():
            assert webhook_contents(live.pop(webhook_id)) == left
        assert set(self.engine.state) == set(self.program)
        assert {resource.id for resource in self.engine.state.values()} == set(live)
        assert len(live) == len(self.program)
        for name, declared in self.program.items():
            resource = self.engine.state[name]
            webhook = live[resource.id]
            assert webhook.project_id == declared["project_id"]
            assert webhook.target == declared["target"]
            assert set(webhook.triggers) == set(declared["triggers"])
            assert webhook.secret == resource.outputs["secret"]
            assert webhook.secret == declared.get("secret", webhook.secret)
        self._assert_nothing_told(live.values())

    def _assert_nothing_told(self, webhooks: Any) -> None:
        confidential = {webhook.secret for webhook in webhooks} | {self.emulator.key_secret}
        confidential |= {left["secret"] for left in self.foreign_webhooks.values()}
        confidential |= set(self.emulator._backend.authentication._tokens)
        for resource in self.engine.state.values():
            confidential |= {resource.outputs["secret"], resource.outputs["previous_secret"]}
        messages = "\n".join(self.messages)
        assert not [len(secret) for secret in confidential if secret and secret in messages]
        assert "a-given-secret" not in messages

    def _consent_to_adoption(self) -> None:
        """Forget webhooks of other people that the program may adopt, because it has ``adopt=True``."""
        permitted = [self.program[name] for name in self.adopting if name in self.program]
        targets = {(fields["project_id"], fields["target"]) for fields in permitted}
        for webhook_id in list(self.foreign_webhooks):
            webhook = self.emulator.webhook(webhook_id)
            if (webhook.project_id, webhook.target) in targets:
                del self.foreign_webhooks[webhook_id]

    def _start(self) -> InProcessPlugin:
        self.emulator.journal.clear()
        plugin = start_in_process_plugin(self.emulator, route=self.route, environment=self.environment)
        plugin.time.before_sleep = self._maybe_kill
        return plugin

    def _end(self, plugin: InProcessPlugin, result: RunResult) -> None:
        plugin.account.client._transport.close()
        self.messages += result.errors.values()
        self.kill_after = None
        for text in result.errors.values():
            sentence, _, advice = text.partition("\n")
            assert "failed" in sentence
            assert advice, f"no way on: {text}"

    def _maybe_kill(self) -> None:
        if self.kill_after is None:
            return
        if self.kill_after == 0:
            self.kill_after = None
            raise KilledError
        self.kill_after -= 1

    def adopt(self, webhook_id: str) -> None:
        """Add another person's webhook to the program with ``adopt=True``. Its owner agrees."""
        webhook = self.emulator.webhook(webhook_id)
        del self.foreign_webhooks[webhook_id]
        name = self.new_name()
        self.program[name] = {
            "target": webhook.target,
            "triggers": [*webhook.triggers],
            "project_id": webhook.project_id,
        }
        self.adopting.add(name)

    def rotate(self, name: str) -> None:
        """Change a secret: to a given one, or to a generated one."""
        fields = self.program[name]
        if "secret" in fields:
            fields["secret"] = self.new_secret()
        fields["secret_version"] = str(int(fields.get("secret_version", "0")) + 1)

    def _replace_secrets_that_nobody_knows(self) -> None:
        """Follow the conflict's advice about the secret of an adopted webhook."""
        for name, fields in self.program.items():
            if "secret" not in fields and not self.engine.state[name].outputs["secret"]:
                self.rotate(name)

    def _follow(self, name: str, text: str) -> None:
        """Follow the advice of a conflict error."""
        owner = re.search(r"Webhook (\w+) of project \S+ (already has this target|was created)", text)
        if owner is None:
            return
        if owner[1] in self.foreign_webhooks:
            assert webhook_contents(self.emulator.webhook(owner[1])) == self.foreign_webhooks.pop(owner[1])
            self.emulator.delete_webhook(owner[1])
        elif "adopt=True" in text or "`adopt: true`" in text:
            self.adopting.add(name)
