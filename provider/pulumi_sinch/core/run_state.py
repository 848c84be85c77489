"""Facts about the current run: its resources so far, the webhooks that they own, and changes at Sinch.

Only one resource can own a webhook. The engine never tells the provider about the other resources of a stack,
so this module collects facts from the calls of `check`, `diff` and the operations. A plugin process serves
only one run.

- A call of `check` with old inputs means that the resource exists. The inputs contain project and target.
  `diff` also gets the webhook's id.
- A call of `check` without old inputs means that a resource will be created. If its inputs equal those of an
  existing resource, the engine replaces that resource (ENGINE.md, What each method gets).
- A create claims the id of its webhook. An adoption claims the id before the request is sent. It keeps the
  claim if the request fails: a failed adoption possibly took effect, so the webhook must not be deleted.
- A write records the new target of a webhook. A deletion records the target that it released. Preflight
  records the targets that this run plans to create.

`check` and `diff` import this module, so it must not import the HTTP client.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pulumi import contains_unknowns

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.targets import normalised
from pulumi_sinch.core import shared_facts

_Place = tuple[str, str]
"""A project and a normalized target."""


class Fact(Enum):
    """A fact about a webhook, or about a project and target.

    `shared_facts` shares facts between processes.
    """

    EXISTING = "existing"
    """A resource of the program has the webhook. It may still be replaced."""
    KEPT = "kept"
    """A resource of the program has the webhook, and keeps it."""
    CREATED = "created"
    """A resource of the program created the webhook in this run."""
    PLANNED = "planned"
    """`check` saw that a resource will adopt the webhook. Nothing was sent."""
    REFUSED = "refused"
    """The planned adoption was rejected, because another resource of the stack has the webhook."""
    ATTEMPTED = shared_facts.ATTEMPTED
    """An adoption was started. It failed or is still running. The webhook may have changed."""
    DONE = shared_facts.DONE
    """An adoption succeeded: the webhook has a new owner."""
    FAILED = "failed"
    """The create of a webhook failed. The subject is `_create_of` its project and target."""


_NOT_DONE = {Fact.PLANNED, Fact.ATTEMPTED}
_BELONGS_TO_ANOTHER = {Fact.EXISTING, Fact.REFUSED}


@dataclass
class Existing:
    """A resource of the stack that has a webhook and is still in the program.

    Attributes:
        given: The inputs of the program.
        stored: The inputs in the state.
        webhook_id: The id of the webhook. Empty until `diff` shows it.
        replaced: Whether `check` was already called for the replacement of the resource.
    """

    given: Mapping[str, Any] = field(repr=False)
    stored: Mapping[str, Any] = field(repr=False)
    webhook_id: str = ""
    replaced: bool = False

    @property
    def place(self) -> "_Place":
        """Return the project and the target in the state."""
        return _place(str(self.stored.get("project_id")), str(self.stored.get("target")))

    def is_replaced_by(self, given: Mapping[str, Any], *, target_restored: bool = False) -> bool:
        """Return whether a new resource with these inputs is the replacement of this resource.

        The engine checks a replacement with the inputs of the program. For the existing resource, the inputs
        contain the stored values of properties in `ignore_changes` instead.

        Args:
            given: The inputs of the new resource.
            target_restored: Whether to accept a different target too, because `ignore_changes` possibly
                restored the old target.
        """
        keys = {key for key in {*self.given, *given} if not key.startswith("__")}
        may_differ = keys if target_restored else keys - {"target"}
        return all(
            _same(self.given.get(key), given.get(key))
            or (key in may_differ and _same(self.given.get(key), self.stored.get(key)))
            for key in keys
        )


@dataclass(frozen=True)
class PlannedTargets:
    """The webhooks that this run will create in a project, according to the checks so far.

    Attributes:
        known: The normalized targets.
        unknown: The number of webhooks with an unknown target.
    """

    known: frozenset[str] = frozenset()
    unknown: int = 0

    def and_also(self, target: str | None) -> "PlannedTargets":
        """Return a copy with one more target. `None` is an unknown target."""
        if target is None:
            return PlannedTargets(self.known, self.unknown + 1)
        return PlannedTargets(self.known | {normalised(target)}, self.unknown)


class Run:
    """The facts about one run. Several threads may share this object."""

    def __init__(self) -> None:

        self._lock = threading.Lock()
        self._existing: list[Existing] = []
        self._last_checked: Existing | None = None
        self._declared: dict[str, _Place] = {}  # by URN
        self._kept: set[str] = set()
        self._claimed: set[str] = set()
        self._adopted: dict[str, Fact] = {}
        self._adoptions: dict[_Place, Fact] = {}
        self._projects_of_environment: set[str] = set()
        self._written: dict[str, str] = {}  # the last target of each webhook, by id
        self._freed: set[_Place] = set()
        self._failed_creates: set[_Place] = set()
        self._planned: dict[str, PlannedTargets] = {}
        self._unreachable: dict[str, tuple[str, str]] = {}
        self._is_published = True

    def see_existing(self, given: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
        """Record an existing resource, for which the engine called `check` with its old inputs.

        Returns:
            False if another resource plans to adopt the webhook of this resource. The adoption is then
            rejected.
        """
        existing = Existing(dict(given), dict(stored))
        with self._shared():
            self._existing.append(existing)
            self._last_checked = existing
            facts = self._facts(existing.place)
            planned = not facts.isdisjoint({Fact.PLANNED, Fact.REFUSED})
            if planned:
                self._adoptions[existing.place] = Fact.REFUSED
            self._publish(existing.place, Fact.REFUSED if planned else Fact.EXISTING)
            return not planned

    def declare(self, urn: str, project_id: str, target: str) -> str:
        """Remember the target of a resource of the program.

        Returns:
            The URN of another resource that has the same project and target, or an empty string.
        """
        place = _place(project_id, target)
        with self._lock:
            self._declared.pop(urn, None)
            other = next((one for one, taken in self._declared.items() if taken == place), "")
            self._declared[urn] = place
            return other

    def find_replaced(self, given: Mapping[str, Any]) -> Existing | None:
        """Return the existing resource that a resource without old inputs replaces.

        The target identifies the existing resource, because targets are unique. If `ignore_changes` possibly
        restored the target, the order of the calls identifies it: the engine calls `check` for a replacement
        right after the call for the existing resource. A resource without changes is never replaced.
        """
        with self._shared():
            last, self._last_checked = self._last_checked, None
            found = [one for one in self._existing if not one.replaced and one.is_replaced_by(given)]
            if not found and last is not None and last.webhook_id not in self._kept and not last.replaced:
                found = [last] if last.is_replaced_by(given, target_restored=True) else []
            if not found:
                return None
            found[-1].replaced = True
            if found[-1].webhook_id:
                self._publish(found[-1].webhook_id, None)
            return found[-1]

    def see_id(self, webhook_id: str, olds: Mapping[str, Any], *, changes: bool) -> bool:
        """Record the webhook id of an existing resource, which only `diff` gets.

        During a refresh, and to find dependent resources to replace, the engine calls `diff` without calling
        `check` before. These calls contain nothing about the program, so they are ignored.

        Args:
            webhook_id: The id of the resource's webhook.
            olds: The outputs in the state.
            changes: Whether anything changes.

        Returns:
            False if another resource owns the webhook.
        """
        place = _place(str(olds.get("project_id")), str(olds.get("target")))
        with self._shared():
            seen = [one for one in self._existing if not one.webhook_id and one.place == place]
            if not seen:
                return True
            others = {one.webhook_id for one in self._existing} | {*self._adopted}
            is_shared = webhook_id in others or bool(self._facts_of_others(webhook_id))
            seen[-1].webhook_id = webhook_id
            if not changes:
                self._kept.add(webhook_id)
            self._publish(webhook_id, Fact.EXISTING if changes else Fact.KEPT)
            return not is_shared

    def keep(self, webhook_id: str) -> None:
        """Record that the resource of a webhook is being updated.

        Such a resource certainly keeps the webhook.
        """
        with self._lock:
            self._kept.add(webhook_id)
            self._publish(webhook_id, Fact.KEPT)

    def plan_adoption(self, project_id: str, target: str) -> bool:
        """Plan the adoption of the webhook with a target.

        Returns:
            False if a resource of this stack has that webhook.
        """
        place = _place(project_id, target)
        with self._shared():
            has_owner = any(existing.place == place for existing in self._existing)
            if has_owner or not self._facts_of_others(place).isdisjoint(_BELONGS_TO_ANOTHER):
                return False
            self._adoptions.setdefault(place, Fact.PLANNED)
            self._publish(place, Fact.PLANNED)
            return True

    def begin_adoption(self, project_id: str, target: str) -> bool:
        """Remember that an adoption is about to start. Returns False if it was rejected."""
        place = _place(project_id, target)
        with self._shared():
            if Fact.REFUSED in self._facts(place):
                return False
            self._adoptions[place] = Fact.ATTEMPTED
            self._publish(place, Fact.ATTEMPTED)
            return True

    def end_adoption(self, project_id: str, target: str, webhook_id: str | None) -> None:
        """Remember the result of an adoption that succeeded.

        Args:
            project_id: The project of the webhook.
            target: The target of the webhook.
            webhook_id: The id of the adopted webhook, or `None` if no webhook had the target, so that a new
                one was created.
        """
        place = _place(project_id, target)
        with self._lock:
            self._adoptions.pop(place, None)
            if webhook_id is not None:
                self._adopted[webhook_id] = Fact.DONE
                self._publish(webhook_id, Fact.DONE)
            self._publish(place, None)

    def record_failed_create(self, project_id: str, target: str) -> None:
        """Remember that the create of a webhook with this target failed."""
        place = _place(project_id, target)
        with self._lock:
            self._failed_creates.add(place)
            self._publish(_create_of(place), Fact.FAILED)

    def create_failed(self, project_id: str, target: str) -> bool:
        """Return whether a create of this target failed in this run, in any provider process."""
        place = _place(project_id, target)
        with self._lock:
            return place in self._failed_creates or bool(self._facts_of_others(_create_of(place)))

    @property
    def has_open_targets(self) -> bool:
        """True if a create in this process failed, or if a planned or started adoption has not succeeded."""
        with self._lock:
            return bool(self._failed_creates) or not _NOT_DONE.isdisjoint(self._adoptions.values())

    @property
    def is_visible_to_all(self) -> bool:
        """True if the other provider processes of this run can see the adoptions of this process."""
        return self._is_published

    def claim(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that created it. Returns False if another resource owns it."""
        with self._shared():
            if webhook_id in self._owned() or self._facts_of_others(webhook_id):
                return False
            self._claimed.add(webhook_id)
            self._publish(webhook_id, Fact.CREATED)
            return True

    def claim_adoption(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that adopts it. Returns False if another resource owns it."""
        with self._shared():
            if webhook_id in self._owned() or self._facts_of_others(webhook_id):
                return False
            self._adopted[webhook_id] = Fact.ATTEMPTED
            self._publish(webhook_id, Fact.ATTEMPTED)
            return True

    def has_owner(self, webhook_id: str) -> bool:
        """Return whether a resource of this run owns a webhook.

        Knows only the resources that the engine has sent so far.
        """
        with self._lock:
            return webhook_id in self._owned() or bool(self._facts_of_others(webhook_id))

    def adoption_of(self, webhook_id: str) -> Fact | None:
        """Return `Fact.ATTEMPTED` or `Fact.DONE` if any process of this run has tried to adopt a webhook."""
        with self._lock:
            known = self._facts_of_others(webhook_id) | {self._adopted.get(webhook_id)}
        return next((fact for fact in (Fact.DONE, Fact.ATTEMPTED) if fact in known), None)

    def is_being_adopted(self, project_id: str, target: str) -> bool:
        """Return whether an adoption of a target is planned or started in this run, and has not succeeded."""
        with self._lock:
            return not _NOT_DONE.isdisjoint(self._facts(_place(project_id, target)))

    def stays(self, webhook_id: str) -> bool:
        """Return whether a resource of the program keeps this webhook after this run.

        A changed resource can still be replaced, and then its webhook must be deleted. So for a changed
        resource, this is true only after its update has begun.
        """
        with self._lock:
            kept = {Fact.KEPT, Fact.CREATED}
            return webhook_id in self._kept or not kept.isdisjoint(self._facts_of_others(webhook_id))

    def may_stay(self, webhook_id: str) -> bool:
        """Return whether a resource of the program has this webhook and will possibly keep it.

        An example is a resource whose update was skipped because another resource failed.
        """
        with self._lock:
            here = any(one.webhook_id == webhook_id and not one.replaced for one in self._existing)
            return here or Fact.EXISTING in self._facts_of_others(webhook_id)

    def record_write(self, webhook_id: str, target: str) -> None:
        """Remember that this run created, updated or adopted a webhook with this target."""
        with self._lock:
            self._written[webhook_id] = normalised(target)

    def has_written(self, webhook_id: str, target: str) -> bool:
        """Return whether this run created, updated or adopted a webhook so that it has this target."""
        with self._lock:
            return self._written.get(webhook_id) == normalised(target)

    def record_deletion(self, project_id: str, webhook_id: str, target: str) -> None:
        """Remember the target of a webhook that this run deleted, and forget the webhook."""
        with self._lock:
            if target:
                self._freed.add(_place(project_id, target))
            self._written.pop(webhook_id, None)
            self._kept.discard(webhook_id)
            self._claimed.discard(webhook_id)
            self._existing = [one for one in self._existing if one.webhook_id != webhook_id]
            self._publish(webhook_id, None)

    def was_freed(self, project_id: str, target: str) -> bool:
        """Return whether this run deleted a webhook with this target."""
        with self._lock:
            return _place(project_id, target) in self._freed

    def plan_target(self, project_id: str, target: str | None) -> PlannedTargets:
        """Remember a webhook that will be created. Returns all planned targets of its project.

        Args:
            project_id: The project of the webhook.
            target: Its target. `None` if it is unknown.
        """
        with self._lock:
            planned = self._planned.get(project_id, PlannedTargets()).and_also(target)
            self._planned[project_id] = planned
            return planned

    @contextmanager
    def reachable_once(self, project_id: str) -> Iterator[None]:
        """Fail fast after the first failed lookup of a project.

        Otherwise each webhook would wait for its own timeout.

        Raises:
            SinchError: This lookup or an earlier lookup of the project failed.
        """
        with self._lock:
            failure = self._unreachable.get(project_id)
        if failure is not None:
            sentence, hint = failure
            raise SinchError(sentence, hint=hint)
        try:
            yield
        except SinchError as error:
            with self._lock:
                # Keep only its text: the frames of the error would stay in memory.
                self._unreachable[project_id] = error.sentence, error.hint
            raise

    def see_project_of_environment(self, project_id: str) -> None:
        """Remember that only the environment chose the project of a webhook that will be created."""
        with self._lock:
            self._projects_of_environment.add(project_id)

    def split_projects(self) -> list[tuple[str, str]]:
        """Return pairs of a project that only the environment chose, and another project of this stack."""
        with self._lock:
            stored = sorted({str(existing.stored.get("project_id") or "") for existing in self._existing})
            return [
                (chosen, project_id)
                for chosen in sorted(self._projects_of_environment)
                for project_id in stored
                if project_id and project_id != chosen
            ]

    def _owned(self) -> set[str]:
        existing = {one.webhook_id for one in self._existing if not one.replaced}
        return existing | self._kept | self._claimed | {*self._adopted}

    @contextmanager
    def _shared(self) -> Iterator[None]:
        """Hold the locks of this process and of the run, so that reading and publishing facts is atomic."""
        with self._lock, shared_facts.exclusive():
            yield

    def _publish(self, subject: "str | _Place", fact: Fact | None) -> None:
        told = shared_facts.publish(_key(subject), fact.value if fact else "")
        self._is_published = self._is_published and told

    def _facts_of_others(self, subject: "str | _Place") -> set[Fact]:
        return {Fact(fact) for fact in shared_facts.facts(_key(subject))}

    def _facts(self, place: "_Place") -> set[Fact]:
        own = self._adoptions.get(place)
        return self._facts_of_others(place) | ({own} if own else set())


_run = Run()


def current() -> Run:
    """Return the run that this process belongs to."""
    return _run


def start_run() -> None:
    """Start a new run without any facts. Only tests need it, because a plugin process serves one run."""
    global _run  # noqa: PLW0603 - the one owner of this state
    _run = Run()


def _place(project_id: str, target: str) -> _Place:
    return project_id, normalised(target)


def _create_of(place: _Place) -> str:
    return "\n".join(("create", *place))


def _key(subject: str | _Place) -> str:
    return subject if isinstance(subject, str) else "\n".join(subject)


def _same(one: object, other: object) -> bool:
    if contains_unknowns(one) or contains_unknowns(other):
        return contains_unknowns(one) and contains_unknowns(other)
    return one == other
