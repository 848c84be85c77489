"""Facts about the current run: the resources seen so far, their webhooks, and the changes made at Sinch.

A run is one preview, update, refresh or destroy. Each run starts new plugin processes.

Only one resource can own a webhook. But each call that the engine makes is about one resource, and contains
nothing about the other resources of the stack. So this module collects facts from the calls of `check`,
`diff`, create, update and delete:

- If the engine calls `check` with old inputs, the resource already exists. The old inputs contain the project
  and the target of its webhook, but not the id. `diff` also gets the id.
- If the engine calls `check` without old inputs, a resource will be created. If the inputs of the new
  resource equal the inputs of an existing resource, the new resource replaces the existing resource
  (ENGINE.md, What each method gets).
- A create claims the id of the webhook that it created.
- An adoption claims the id of the webhook before it sends its request. From then on, no other resource
  deletes the webhook. The claim stays even if the request fails, because the request possibly took effect.
- A create, an update and an adoption record the new target of their webhook. A deletion records the target of
  the deleted webhook, because this target is free now. Preflight records the targets of the webhooks that
  this run will create.

`check` and `diff` import this module, and they must start fast. So this module must not import the HTTP
client, whose import takes a long time.
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
    """A fact about one webhook. For example, `CREATED` says that a resource created the webhook in this run.

    The webhook is identified by its id, or by its project and target. The module `shared_facts` shares the
    facts between the plugin processes of a run.
    """

    EXISTING = "existing"
    """A resource of the program has the webhook. It may still be replaced."""
    KEPT = "kept"
    """A resource of the program has the webhook, and keeps it."""
    CREATED = "created"
    """A resource of the program created the webhook in this run."""
    PLANNED = "planned"
    """`check` saw that a resource will adopt the webhook. No request was sent yet."""
    REFUSED = "refused"
    """The planned adoption was rejected, because another resource of the stack has the webhook."""
    ATTEMPTED = shared_facts.ATTEMPTED
    """An adoption was started. It failed or is still running. The webhook may have changed."""
    DONE = shared_facts.DONE
    """An adoption succeeded: the webhook has a new owner."""
    FAILED = "failed"
    """The create of a webhook failed. `_create_of` returns the key under which this fact is shared."""


_NOT_DONE = {Fact.PLANNED, Fact.ATTEMPTED}
_BELONGS_TO_ANOTHER = {Fact.EXISTING, Fact.REFUSED}


@dataclass
class Existing:
    """A resource of the stack that has a webhook and is still in the program.

    Attributes:
        given: The inputs of the program.
        stored: The inputs in the state.
        webhook_id: The id of the webhook. Empty until `diff` is called, because `check` does not get the id.
        replaced: Whether the engine has already called `check` for the replacement of this resource.
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
        """Return whether a new resource with these inputs is the replacement of this existing resource.

        If the program uses `ignore_changes`, the inputs of the existing resource and of its replacement can
        differ. For an ignored property, the existing resource has the value in the state, and the replacement
        has the value in the program.

        Args:
            given: The inputs of the new resource.
            target_restored: Whether the targets of the two resources may differ, because `ignore_changes`
                possibly contains the target.
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
    """The webhooks that this run will create in a project. Each call of `check` can add one webhook.

    Attributes:
        known: The normalized targets of the webhooks whose target is known.
        unknown: The number of webhooks whose target is unknown in a preview.
    """

    known: frozenset[str] = frozenset()
    unknown: int = 0

    def and_also(self, target: str | None) -> "PlannedTargets":
        """Return a copy with one more target. `None` means that the target is unknown."""
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
        """Record that a resource exists. `check` calls this method if the engine passes old inputs.

        Returns:
            False if another resource plans to adopt the webhook of the existing resource. In that case, this
            method also rejects the planned adoption: `begin_adoption` of the other resource returns False.
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
            The URN of another resource with the same project and the same target, or an empty string.
        """
        place = _place(project_id, target)
        with self._lock:
            self._declared.pop(urn, None)
            other = next((one for one, taken in self._declared.items() if taken == place), "")
            self._declared[urn] = place
            return other

    def find_replaced(self, given: Mapping[str, Any]) -> Existing | None:
        """Return the existing resource that a new resource replaces, or `None`.

        Usually the program sets the same target for the existing resource and for its replacement. A target
        is unique in its project, so it shows which resource is replaced.

        If `ignore_changes` contains the target, the two targets can differ. Then the method considers only
        the existing resource for which the engine called `check` directly before it called `check` for the
        new resource. The method returns None if `diff` found no change of that resource, because an unchanged
        resource is not replaced.
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
        """Record the id of an existing resource's webhook. `diff` gets this id from the engine.

        In two cases, the engine calls `diff` for a resource without a previous call of `check`: during a
        refresh, and to find dependent resources that must be replaced. Such a call does not show whether the
        resource is still in the program, so this method ignores the call.

        Args:
            webhook_id: The id of the resource's webhook.
            olds: The outputs in the state.
            changes: Whether `diff` found a change.

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
        """Record that the update of a webhook has begun.

        A resource that is updated is not replaced, so it keeps its webhook.
        """
        with self._lock:
            self._kept.add(webhook_id)
            self._publish(webhook_id, Fact.KEPT)

    def plan_adoption(self, project_id: str, target: str) -> bool:
        """Record that a resource will adopt the webhook that has this target.

        Returns:
            False if another resource of this stack already has that webhook. In that case, nothing is
            recorded.
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
        """Record that an adoption starts. Returns False if `see_existing` has rejected the adoption."""
        place = _place(project_id, target)
        with self._shared():
            if Fact.REFUSED in self._facts(place):
                return False
            self._adoptions[place] = Fact.ATTEMPTED
            self._publish(place, Fact.ATTEMPTED)
            return True

    def end_adoption(self, project_id: str, target: str, webhook_id: str | None) -> None:
        """Record that the create of a resource with `adopt` has succeeded.

        Args:
            project_id: The project of the webhook.
            target: The target of the webhook.
            webhook_id: The id of the adopted webhook. `None` if there was no webhook to adopt, so that a new
                webhook was created.
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
        """Return whether the create of a webhook with this target failed, in any process of this run."""
        place = _place(project_id, target)
        with self._lock:
            return place in self._failed_creates or bool(self._facts_of_others(_create_of(place)))

    @property
    def has_open_targets(self) -> bool:
        """True if a create or an adoption in this process failed, or if an adoption has not finished yet."""
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

        A resource counts only if the engine has already called the provider for it in this run.
        """
        with self._lock:
            return webhook_id in self._owned() or bool(self._facts_of_others(webhook_id))

    def adoption_of(self, webhook_id: str) -> Fact | None:
        """Return the progress of the adoption of a webhook, by any process of this run.

        Returns:
            `Fact.DONE` if an adoption succeeded, `Fact.ATTEMPTED` if an adoption failed or is still running,
            and `None` if no adoption has started.
        """
        with self._lock:
            known = self._facts_of_others(webhook_id) | {self._adopted.get(webhook_id)}
        return next((fact for fact in (Fact.DONE, Fact.ATTEMPTED) if fact in known), None)

    def is_being_adopted(self, project_id: str, target: str) -> bool:
        """Return whether an adoption of the webhook with this target is planned, is running or has failed.

        A failed adoption counts too, because it possibly took effect at Sinch.
        """
        with self._lock:
            return not _NOT_DONE.isdisjoint(self._facts(_place(project_id, target)))

    def stays(self, webhook_id: str) -> bool:
        """Return whether it is certain that a resource of the program keeps this webhook.

        If the inputs of a resource change, the engine either updates the resource, or replaces the resource
        and deletes its webhook. So for a changed resource, the result is True only after its update has
        begun.
        """
        with self._lock:
            kept = {Fact.KEPT, Fact.CREATED}
            return webhook_id in self._kept or not kept.isdisjoint(self._facts_of_others(webhook_id))

    def may_stay(self, webhook_id: str) -> bool:
        """Return whether a resource of the program has this webhook and will possibly keep it.

        The result is also True while it is not known whether the engine will update or replace the resource.
        If another resource failed, the engine possibly does neither.
        """
        with self._lock:
            here = any(one.webhook_id == webhook_id and not one.replaced for one in self._existing)
            return here or Fact.EXISTING in self._facts_of_others(webhook_id)

    def record_write(self, webhook_id: str, target: str) -> None:
        """Remember that this process created, updated or adopted a webhook with this target."""
        with self._lock:
            self._written[webhook_id] = normalised(target)

    def has_written(self, webhook_id: str, target: str) -> bool:
        """Return whether this process created, updated or adopted this webhook with this target."""
        with self._lock:
            return self._written.get(webhook_id) == normalised(target)

    def record_deletion(self, project_id: str, webhook_id: str, target: str) -> None:
        """Record that this process deleted a webhook, so that its target is free.

        From then on, no resource of this run counts as the owner of the deleted webhook.
        """
        with self._lock:
            if target:
                self._freed.add(_place(project_id, target))
            self._written.pop(webhook_id, None)
            self._kept.discard(webhook_id)
            self._claimed.discard(webhook_id)
            self._existing = [one for one in self._existing if one.webhook_id != webhook_id]
            self._publish(webhook_id, None)

    def was_freed(self, project_id: str, target: str) -> bool:
        """Return whether this process deleted a webhook with this target."""
        with self._lock:
            return _place(project_id, target) in self._freed

    def plan_target(self, project_id: str, target: str | None) -> PlannedTargets:
        """Remember a webhook that will be created. Returns all webhooks remembered so far for its project.

        Args:
            project_id: The project of the webhook.
            target: The target of the webhook. `None` if the target is unknown.
        """
        with self._lock:
            planned = self._planned.get(project_id, PlannedTargets()).and_also(target)
            self._planned[project_id] = planned
            return planned

    @contextmanager
    def reachable_once(self, project_id: str) -> Iterator[None]:
        """Fail at once if an earlier lookup of the same project has failed in this process.

        If Sinch cannot be reached, the lookup for the first webhook waits for the timeout. Later lookups of
        the same project then fail at once, and send no request.

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
                # Keep only the text of the error, because the error object keeps its stack frames in memory.
                self._unreachable[project_id] = error.sentence, error.hint
            raise

    def see_project_of_environment(self, project_id: str) -> None:
        """Remember the project of a webhook that will be created.

        Call this method only if neither the program nor the config sets a project, so that the project comes
        from ``SINCH_PROJECT_ID``.
        """
        with self._lock:
            self._projects_of_environment.add(project_id)

    def split_projects(self) -> list[tuple[str, str]]:
        """Return pairs of projects: one that only ``SINCH_PROJECT_ID`` sets, and another one of this stack.

        A new webhook would be created in the first project of the pair, but existing webhooks of the stack
        are in the second project. The caller warns about each pair, because the new webhook possibly belongs
        in the second project too.
        """
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
        """Hold the lock of this process and the lock of the run.

        While both locks are held, the process can read facts and publish a new fact in one step. So two
        resources cannot claim the same webhook at the same time.
        """
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
    """Return the facts about the current run."""
    return _run


def start_run() -> None:
    """Forget all facts and start a new run. Only tests need this: each real run has a new plugin process."""
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
