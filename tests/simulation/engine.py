"""A small engine in memory, which checks, diffs and applies resources in the order of the real one.

The state represents the state on disk: after a killed run, it contains the steps that were saved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from in_process_plugin import AnyProvider
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi_sinch.api.errors import SinchError

SECRETS = ("secret", "previous_secret")


class KilledError(BaseException):
    """The processes of the run were killed."""


@dataclass
class Resource:
    """A webhook in the state."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass
class RunResult:
    """The result of a run: the errors of failed resources, and whether it was killed."""

    errors: dict[str, str] = field(default_factory=dict)
    killed: bool = False

    @property
    def is_clean(self) -> bool:
        return not self.errors and not self.killed


@dataclass
class SimulatedEngine:
    """Runs programs against a provider.

    Attributes:
        state: The resources by name.
        replaced: Webhooks that were replaced and still have to be deleted.
        save: Called before each step is saved. It may raise `KilledError`.
    """

    state: dict[str, Resource] = field(default_factory=dict)
    replaced: list[Resource] = field(default_factory=list)
    save: Callable[[], None] = lambda: None

    def up(self, provider: AnyProvider, program: Mapping[str, Mapping[str, Any]]) -> RunResult:
        """Apply the program. A failed step prevents deletions, but not other steps."""
        result = RunResult()
        try:
            for name, given in program.items():
                self._try(result, name, partial(self._bring, provider, name, dict(given)))
            if not result.errors:
                self._delete_leftovers(provider, program, result)
        except KilledError:
            result.killed = True
        return result

    def preview(self, provider: AnyProvider, program: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Return the names of the resources that a run would change."""
        touched = set(self.state) - set(program) | {"a replaced webhook" for _ in self.replaced}
        for name, given in program.items():
            old = self.state.get(name)
            if old is None:
                touched.add(name)
                continue
            news = _checked(provider, old.inputs, dict(given))
            diff = provider.diff(old.id, old.outputs, news)
            if diff.replaces or (diff.changes is None and news != old.inputs):
                touched.add(name)
        return touched

    def refresh(self, provider: AnyProvider) -> RunResult:
        """Read the webhooks at Sinch into the state."""
        result = RunResult()
        for name, resource in list(self.state.items()):
            self._try(result, name, partial(self._read, provider, name, resource))
        return result

    def _read(self, provider: AnyProvider, name: str, resource: Resource) -> None:
        live = provider.read(resource.id, resource.outputs)
        if live.id:
            self.state[name] = Resource(live.id, _saved(live.inputs), _saved(live.outs))
        else:
            del self.state[name]

    def _bring(self, provider: AnyProvider, name: str, given: dict[str, Any]) -> None:
        old = self.state.get(name)
        if old is None:
            self._create(provider, name, _checked(provider, {}, given))
            return
        news = _checked(provider, old.inputs, given)
        diff = provider.diff(old.id, old.outputs, news)
        if diff.replaces:
            news = _checked(provider, {}, given)
            if diff.delete_before_replace:
                provider.delete(old.id, old.outputs)
                self.save()
                del self.state[name]
                self._create(provider, name, news)
            else:
                self._create(provider, name, news, replaces=old)
        elif diff.changes is None and news != old.inputs:
            outputs = provider.update(old.id, old.outputs, news).outs
            self.save()
            self.state[name] = Resource(old.id, news, _saved(outputs))
        else:
            self.state[name] = Resource(old.id, news, old.outputs)

    def _create(
        self,
        provider: AnyProvider,
        name: str,
        news: dict[str, Any],
        replaces: Resource | None = None,
    ) -> None:
        created = provider.create(news)
        self.save()
        if replaces is not None:
            self.replaced.append(replaces)
        self.state[name] = Resource(created.id, news, _saved(created.outs))

    def _delete_leftovers(self, provider: AnyProvider, program: Mapping[str, Any], result: RunResult) -> None:
        for resource in list(self.replaced):
            delete = partial(provider.delete, resource.id, resource.outputs)
            if self._try(result, "a replaced webhook", delete):
                self.save()
                self.replaced.remove(resource)
        for name in [name for name in self.state if name not in program]:
            resource = self.state[name]
            if self._try(result, name, partial(provider.delete, resource.id, resource.outputs)):
                self.save()
                del self.state[name]

    @staticmethod
    def _try(result: RunResult, name: str, step: Callable[[], object]) -> bool:
        try:
            step()
        except SinchError as error:
            result.errors[name] = str(error)
            return False
        return True


def _checked(provider: AnyProvider, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    result = provider.check(olds, news)
    assert not result.failures, [failure.reason for failure in result.failures]
    return _saved(result.inputs)


def _saved(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return properties as the state would store them, and fail if a secret is not marked."""
    assert properties is not None
    plain = [key for key in SECRETS if properties.get(key) and not is_rpc_secret(properties[key])]
    assert not plain, f"{plain} would be saved in plain text"
    return {key: unwrap_rpc_secret(value) for key, value in properties.items()}
