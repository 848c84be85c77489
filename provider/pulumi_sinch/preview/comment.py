"""Write webhook changes of several stacks as one Markdown comment."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.api.redaction import redact_target
from pulumi_sinch.preview.changes import Drift, Kind, StackPreview, WebhookChange, WebhookState
from pulumi_sinch.preview.markdown import code, fenced, html_code, plain, row

MARKER = "<!-- pulumi-sinch preview -->"
"""The first line of every comment, by which a workflow finds the one to update."""

LIMIT = 65_536
"""Characters that GitHub allows in a comment."""

_CUT = "\n\n_The rest is cut off here: a comment holds 65,536 characters. The whole preview is in the job's log._\n"
_TABLE_LIMIT = 30_000
_LISTED_TRIGGERS = 6
_NAMED_TRIGGERS = 60
_DIAGNOSTICS = 10
_LINES_OF_A_DIAGNOSTIC = 20
_WARNING_SIGN = "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}"

_COUNTED = (Kind.DELETE, Kind.REPLACE, Kind.CREATE, Kind.UPDATE, Kind.IMPORT, Kind.OTHER)
# Not for reviewers: the pickled provider, and what goes along with a rotation.
_SILENT = {"target", "triggers", "secret", "previous_secret", "project_id", "__provider", ""}


def render(previews: Iterable[StackPreview]) -> str:
    """Return one comment for all stacks, at most 65,536 characters long.

    No secret is in it: the parsed changes have none. Targets are shown without user, password, query and
    fragment. The text starts with `MARKER`.
    """
    stacks = list(previews)
    blocks = [f"{MARKER}\n### Sinch webhooks: {_headline(stacks)}", *_alarms(stacks), *_table(stacks)]
    for stack in stacks:
        if not _is_quiet(stack):
            blocks.extend(_stack(stack))
    if quiet := [plain(stack.name) for stack in stacks if _is_quiet(stack)]:
        blocks.append(f"No webhook changes in {', '.join(quiet)}.")
    blocks.extend(_quota(stacks))
    comment = blocks[0]
    for before, block in pairwise(blocks):
        both_items = before.startswith("- ") and block.startswith("- ")
        addition = f"\n{block}" if both_items else f"\n\n{block}"
        if len(comment) + len(addition) + len(_CUT) > LIMIT:
            return comment + _CUT
        comment += addition
    return f"{comment}\n"


def _headline(stacks: list[StackPreview]) -> str:
    webhooks = [webhook for stack in stacks for webhook in stack.webhooks]
    kinds = Counter(webhook.kind for webhook in webhooks)
    parts = [f"{kinds[kind]} to {kind.value}" for kind in _COUNTED if kinds[kind]]
    if drifted := sum(webhook.drift is not None for webhook in webhooks):
        parts.append(f"{drifted} drifted")
    if failed := sum(stack.failed for stack in stacks):
        parts.append(f"{failed} preview{'s' if failed > 1 else ''} failed")
    return ", ".join(parts) or "no change"


def _alarms(stacks: list[StackPreview]) -> list[str]:
    """Name, above everything, what cannot be undone."""
    lines = []
    for kind in (Kind.DELETE, Kind.REPLACE):
        for stack in stacks:
            names = [code(webhook.name, 60) for webhook in stack.webhooks if webhook.kind is kind]
            if names:
                more = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004
                lines.append(f"> {plain(stack.name)}: **{kind.value}** {', '.join(names[:10])}{more}")
    lines.extend(f"> {plain(stack.name)}: **the preview failed**" for stack in stacks if stack.failed)
    return ["> [!CAUTION]\n" + "  \n".join(lines)] if lines else []


def _table(stacks: list[StackPreview]) -> list[str]:
    """Return the table webhook x stack of everything that changes anywhere."""
    changes: dict[tuple[str, str], dict[int, WebhookChange]] = {}
    for number, stack in enumerate(stacks):
        for webhook in stack.webhooks:
            changes.setdefault((webhook.name, webhook.parent), {})[number] = webhook
    changed = {
        key: found for key, found in changes.items() if any(_is_shown(webhook) for webhook in found.values())
    }
    if not changed:
        return []
    names = Counter(name for name, _ in changed)
    lines = [row(["webhook", *(plain(stack.name, 40) for stack in stacks)]), row(["---"] * (len(stacks) + 1))]
    for position, (name, parent) in enumerate(sorted(changed)):
        label = (
            code(name, 60) if names[name] == 1 else f"{code(name, 60)} in {code(parent or 'the stack', 60)}"
        )
        cells = [
            _cell(changed[name, parent].get(number), unknown=stack.failed)
            for number, stack in enumerate(stacks)
        ]
        lines.append(row([label, *cells]))
        if sum(map(len, lines)) > _TABLE_LIMIT:
            return ["\n".join(lines), f"_{len(changed) - position - 1} more webhooks change._"]
    return ["\n".join(lines)]


def _cell(webhook: WebhookChange | None, *, unknown: bool) -> str:
    if webhook is None:
        return "?" if unknown else "-"
    parts = []
    if webhook.kind in {Kind.DELETE, Kind.REPLACE}:
        parts.append(f"{_WARNING_SIGN} **{webhook.kind.value}**")
    elif webhook.kind is Kind.OTHER:
        parts.append(code(webhook.operation, 30))
    elif webhook.kind is Kind.UPDATE:
        parts.extend(_update_words(webhook))
    elif webhook.kind is not Kind.SAME:
        parts.append(webhook.kind.value)
    if webhook.drift:
        parts.append("drift")
    return ", ".join(parts) or "-"


def _update_words(webhook: WebhookChange) -> list[str]:
    words = []
    if "target" in webhook.changed:
        words.append("target")
    if "triggers" in webhook.changed:
        added, removed = _triggers(webhook.old, webhook.new)
        counts = [f"+{len(added)}"] * bool(added) + [f"-{len(removed)}"] * bool(removed)
        words.append(" ".join(["triggers", *counts]))
    if webhook.rotated:
        words.append("secret rotated")
    return words or ["update"]


def _stack(stack: StackPreview) -> list[str]:
    """Return the details of one stack: what happens to each webhook, and what the engine said."""
    blocks = [_webhook(webhook) for webhook in stack.webhooks if _is_shown(webhook)]
    head = f"#### {plain(stack.name)}"
    if stack.failed:
        head += "\n\n**The preview failed**; what it says about webhooks is not all."
    elif not blocks:
        head += "\n\nNo webhook changes."
    if stack.others:
        head += f"\n\n{stack.others} other resource{'s' if stack.others > 1 else ''} of the stack change too."
    if reads := sum(webhook.kind is Kind.READ for webhook in stack.webhooks):
        head += f"\n\n{reads} webhook{'s are' if reads > 1 else ' is'} only read."
    if stack.diagnostics:
        blocks.append(
            fenced("\n".join(_last_lines(message) for _, message in stack.diagnostics[:_DIAGNOSTICS]))
        )
    if len(stack.diagnostics) > _DIAGNOSTICS:
        blocks.append(f"_{len(stack.diagnostics) - _DIAGNOSTICS} more messages are in the job's log._")
    if stack.failed and not stack.diagnostics:
        blocks.append("The file holds no `pulumi preview --json`; the job's log says why.")
    return [head, *blocks]


def _webhook(webhook: WebhookChange) -> str:
    lines = [f"- {code(webhook.name)}: {_sentence(webhook)}"]
    if webhook.drift and webhook.kind is not Kind.SAME:
        lines.append(f"  - {_drift(webhook.drift)}")
    if webhook.kind in {Kind.UPDATE, Kind.REPLACE, Kind.OTHER} and webhook.old and webhook.new:
        lines.extend(f"  - {line}" for line in _differences(webhook.old, webhook.new, webhook.changed))
    if webhook.rotated:
        lines.append("  - secret rotated: its receiver must accept the new one and the one before")
    if others := sorted(webhook.changed - _SILENT):
        lines.append(f"  - also changed: {', '.join(map(code, others[:10]))}")
    return "\n".join(lines)


def _sentence(webhook: WebhookChange) -> str:
    state = webhook.new or webhook.old
    if webhook.kind is Kind.REPLACE:
        return f"{_WARNING_SIGN} **replace**: a new id, and a new secret unless the program gives one"
    if webhook.kind is Kind.DELETE:
        stays = " from the stack only, it stays at Sinch (`retain_on_delete`)" if webhook.stays else ""
        return f"{_WARNING_SIGN} **delete**{stays}: {_description(state)}"
    if webhook.kind is Kind.UPDATE:
        return "update"
    if webhook.kind is Kind.SAME and webhook.drift:
        return _drift(webhook.drift)
    if webhook.kind is Kind.OTHER:
        return f"operation {code(webhook.operation, 30)}, which this version does not know"
    return f"{webhook.kind.value}: {_description(state)}"


def _description(state: WebhookState | None) -> str:
    if state is None:
        return "nothing is known of it"
    triggers = "triggers known at deploy" if state.triggers is None else _list(state.triggers)
    return f"{code(redact_target(state.target))} with {triggers}"


def _differences(old: WebhookState, new: WebhookState, changed: frozenset[str]) -> Iterator[str]:
    """Yield what differs, triggers as sets; `changed` tells what placeholders hide."""
    if old.project_id != new.project_id:
        yield f"project {code(old.project_id)} → {code(new.project_id)}"
    if old.target != new.target or "target" in changed:
        before, after = redact_target(old.target), redact_target(new.target)
        hidden = " (the part that is not shown changes)" if before == after else ""
        yield f"target {code(before)} → {code(after)}{hidden}"
    added, removed = _triggers(old, new)
    if added:
        yield f"triggers added: {_list(added)}"
    if removed:
        yield f"triggers removed: {_list(removed)}"
    if "triggers" in changed and not added and not removed:
        unknown = old.triggers is None or new.triggers is None
        yield "triggers: known at deploy" if unknown else "triggers: the same ones in another order"


def _drift(drift: Drift) -> str:
    if drift.live is None:
        return "drift: deleted outside Pulumi"
    differences = "; ".join(_differences(drift.saved, drift.live, frozenset()))
    return f"drift, changed outside Pulumi: {differences or 'in something not shown here'}"


def _triggers(old: WebhookState | None, new: WebhookState | None) -> tuple[frozenset[str], frozenset[str]]:
    if old is None or new is None or old.triggers is None or new.triggers is None:
        return frozenset(), frozenset()
    return new.triggers - old.triggers, old.triggers - new.triggers


def _list(triggers: Iterable[str]) -> str:
    names = sorted(triggers)
    if len(names) <= _LISTED_TRIGGERS:
        return ", ".join(code(name, 60) for name in names) or "no trigger"
    folded = ", ".join(html_code(name, 60) for name in names[:_NAMED_TRIGGERS])
    folded += f" and {len(names) - _NAMED_TRIGGERS} more" if len(names) > _NAMED_TRIGGERS else ""
    return f"<details><summary>{len(names)} triggers</summary>{folded}</details>"


def _last_lines(message: str) -> str:
    lines = message.splitlines()
    if len(lines) <= _LINES_OF_A_DIAGNOSTIC:
        return message
    # The first line says what it is, the last ones why: a Python traceback ends with its reason.
    return "\n".join([lines[0], "…", *lines[2 - _LINES_OF_A_DIAGNOSTIC :]])


def _quota(stacks: Sequence[StackPreview]) -> list[str]:
    counts: dict[str, Counter[str]] = {}
    for stack in stacks:
        for webhook in stack.webhooks:
            if webhook.new and webhook.kind not in {Kind.READ, Kind.DELETE}:
                counts.setdefault(webhook.new.project_id, Counter())[stack.name] += 1
    if not counts:
        return []
    incomplete = any(not stack.complete for stack in stacks)
    lines = [
        "**Quota after the change**, counting only webhooks of these stacks; a project may have others:",
        "",
    ]
    for project, by_stack in sorted(counts.items()):
        total = by_stack.total()
        split = ", ".join(f"{plain(name, 40)} {count}" for name, count in by_stack.items())
        alarm = f" {_WARNING_SIGN} Sinch refuses more than {MAX_WEBHOOKS}." if total > MAX_WEBHOOKS else ""
        least = "at least " if incomplete else ""
        label = code(project, 60) if project else "project not known"
        lines.append(f"- {label}: {least}{total} of {MAX_WEBHOOKS} ({split}){alarm}")
    if incomplete:
        lines.extend(
            ["", "Webhooks that do not change are counted with `pulumi preview --json --show-sames`."]
        )
    return ["\n".join(lines)]


def _is_quiet(stack: StackPreview) -> bool:
    """Tell whether there is nothing to say about the stack: no change, no message."""
    return not (stack.failed or stack.diagnostics or stack.others or any(map(_is_shown, stack.webhooks)))


def _is_shown(webhook: WebhookChange) -> bool:
    return webhook.kind not in {Kind.SAME, Kind.READ} or webhook.drift is not None
