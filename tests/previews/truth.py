"""The effects of `pulumi up` at Sinch, and whether a review comment announced them.

Effects are read from the emulator and the stack's state, without the code of the comment.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_sinch.cli.preview_comment import has_change, parse, render

LOSSES_AND_GAINS = ("delete", "replace", "create", "adopt")
"""Effects that a comment must announce."""

_WORDS = {"delete": "**delete**", "replace": "**replace**", "create": "create", "adopt": "adopt"}


@dataclass(frozen=True, order=True)
class Effect:
    """One effect of `pulumi up` on one webhook.

    Attributes:
        kind: One of `LOSSES_AND_GAINS`.
        name: Name of the resource.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Owned:
    """A webhook in a stack's state.

    Attributes:
        urn: URN of the resource.
        id: Id of the webhook.
        deleting: Whether it is in the state only because its deletion is pending.
    """

    urn: str
    id: str
    deleting: bool


@dataclass(frozen=True)
class Snapshot:
    """The ids of all webhooks at Sinch, and the webhooks that the stack manages."""

    live: frozenset[str]
    owned: tuple[Owned, ...]

    def current(self) -> dict[str, str]:
        """Return the ids of the managed webhooks by URN."""
        return {one.urn: one.id for one in self.owned if not one.deleting}

    def name_of(self, webhook_id: str) -> str:
        """Return the name of the resource that manages a webhook."""
        return next(one.urn.rpartition("::")[2] for one in self.owned if one.id == webhook_id)


def effects(before: Snapshot, after: Snapshot) -> list[Effect]:
    """Compare two snapshots.

    A resource is replaced if it manages another webhook than before, unless the old one was already gone. The
    delete and the create of a replacement are not listed.
    """
    old, new = before.current(), after.current()
    replaced = {urn for urn in old.keys() & new.keys() if old[urn] != new[urn] and old[urn] in before.live}
    parts = {old[urn] for urn in replaced} | {new[urn] for urn in replaced}
    managed_before = {one.id for one in before.owned}
    adopted = {one.id for one in after.owned if one.id in before.live} - managed_before
    found = [Effect("replace", urn.rpartition("::")[2]) for urn in replaced]
    found += [Effect("delete", before.name_of(gone)) for gone in before.live - after.live - parts]
    found += [Effect("create", after.name_of(added)) for added in after.live - before.live - parts]
    found += [Effect("adopt", after.name_of(taken)) for taken in adopted]
    return sorted(found)


def unannounced(preview: str, happened: Iterable[Effect]) -> list[str]:
    """Return the effects that the comment does not announce. A failed preview announces everything."""
    stack = parse("dev", preview)
    if stack.failed:
        missing = [kind for kind in LOSSES_AND_GAINS if not has_change([stack], [kind])]
        return [f"--fail-on {kind} passes a failed preview" for kind in missing]
    comment = render([stack])
    problems = []
    for effect, count in Counter(happened).items():
        items = [line for line in comment.splitlines() if line.startswith(f"- `{effect.name}`")]
        if sum(_WORDS[effect.kind] in line for line in items) < count:
            problems.append(f"the comment does not say {effect.kind} for {effect.name} {count} times")
        if not has_change([stack], [effect.kind]):
            problems.append(f"--fail-on {effect.kind} passes, but up does so with {effect.name}")
    return problems
