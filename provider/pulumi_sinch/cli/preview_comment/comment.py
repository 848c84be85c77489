"""Write webhook changes of several stacks as one Markdown comment."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.cli.preview_comment.markdown import code, fenced, plain, row
from pulumi_sinch.cli.preview_comment.model import Kind, StackPreview, WebhookChange
from pulumi_sinch.cli.preview_comment.webhook_details import WARNING_SIGN, describe, trigger_changes

MARKER = "<!-- pulumi-sinch preview -->"
"""The first line of every comment. A workflow uses it to find the comment to update."""

LIMIT = 65_536
"""Maximum characters of a comment on GitHub."""

_CUT = (
    "\n\n_The comment is cut off here, because it can have at most 65,536 characters. The whole preview is "
    "in the job's log._\n"
)
_TABLE_LIMIT = 30_000
_MAX_COLUMNS = 8
"""Maximum number of stacks with a column each. If there are more stacks than this, and more stacks than
changed webhooks, each stack has a row."""
_DIAGNOSTICS = 10
_LINES_OF_A_DIAGNOSTIC = 20

_ALARMS: Mapping[str, Callable[[WebhookChange], bool]] = {
    "delete": lambda webhook: webhook.kind is Kind.DELETE,
    "replace": lambda webhook: webhook.kind is Kind.REPLACE,
    "adopt": lambda webhook: webhook.adopts,
    "unknown operation": lambda webhook: webhook.kind is Kind.OTHER,
}
_COUNTED = (Kind.DELETE, Kind.REPLACE, Kind.CREATE, Kind.UPDATE, Kind.IMPORT, Kind.OTHER)


def render(previews: Iterable[StackPreview]) -> str:
    """Return one comment for all stacks, at most 65,536 characters long.

    The comment contains no secrets, because the parsed changes contain no secrets. Targets are shown without
    user, password, query and fragment. The comment starts with `MARKER`.
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
    if adopting := sum(webhook.adopts for webhook in webhooks):
        parts.append(f"{adopting} with adopt")
    if released := sum(webhook.released for webhook in webhooks):
        parts.append(f"{released} no longer managed")
    if drifted := sum(webhook.drift is not None for webhook in webhooks):
        parts.append(f"{drifted} drifted")
    if failed := sum(stack.failed for stack in stacks):
        parts.append(f"{failed} preview{'s' if failed > 1 else ''} failed")
    return ", ".join(parts) or "no change"


def _alarms(stacks: list[StackPreview]) -> list[str]:
    """Return the warning box at the top of the comment, or nothing.

    The box lists changes that cannot be undone, operations that this version does not know, and failed
    previews.
    """
    lines = []
    for alarm, applies in _ALARMS.items():
        for stack in stacks:
            names = [code(webhook.name, 60) for webhook in stack.webhooks if applies(webhook)]
            if names:
                more = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004
                lines.append(f"> {plain(stack.name)}: **{alarm}** {', '.join(names[:10])}{more}")
    lines.extend(f"> {plain(stack.name)}: **the preview failed**" for stack in stacks if stack.failed)
    return ["> [!CAUTION]\n" + "  \n".join(lines)] if lines else []


def _table(stacks: list[StackPreview]) -> list[str]:
    """Return a table of all changes, with one row per webhook and one column per stack.

    With many stacks, the table has one row per stack and one column per webhook (see `_MAX_COLUMNS`).
    """
    # Two webhooks of a stack can have the same name: a subclass of `SinchWebhook` can have its own type, and
    # an interrupted replacement leaves the old webhook in the stack.
    changes: dict[tuple[str, str], dict[int, list[WebhookChange]]] = {}
    for number, stack in enumerate(stacks):
        for webhook in stack.webhooks:
            by_stack = changes.setdefault((webhook.name, webhook.parent), {})
            by_stack.setdefault(number, []).append(webhook)
    changed = {
        key: by_stack
        for key, by_stack in changes.items()
        if any(_is_shown(webhook) for found in by_stack.values() for webhook in found)
    }
    if not changed:
        return []
    names = Counter(name for name, _ in changed)
    keys = sorted(changed)
    labels = [
        code(name, 60) if names[name] == 1 else f"{code(name, 60)} in {code(parent or 'the stack', 60)}"
        for name, parent in keys
    ]
    cells = [
        [_cell(changed[key].get(number, []), unknown=stack.failed) for number, stack in enumerate(stacks)]
        for key in keys
    ]
    titles = [plain(stack.name, 40) for stack in stacks]
    if len(keys) < len(stacks) and len(stacks) > _MAX_COLUMNS:
        columns = zip(stacks, titles, zip(*cells, strict=True), strict=True)
        rows = [[title, *column] for stack, title, column in columns if not _is_quiet(stack)]
        return _limited_table(["stack", *labels], rows, "stacks")
    rows = [[label, *line] for label, line in zip(labels, cells, strict=True)]
    return _limited_table(["webhook", *titles], rows, "webhooks")


def _limited_table(header: list[str], rows: list[list[str]], what: str) -> list[str]:
    lines = [row(header), row(["---"] * len(header))]
    for position, cells in enumerate(rows, start=1):
        lines.append(row(cells))
        if sum(map(len, lines)) > _TABLE_LIMIT and position < len(rows):
            return ["\n".join(lines), f"_{len(rows) - position} more {what} change._"]
    return ["\n".join(lines)]


def _cell(webhooks: list[WebhookChange], *, unknown: bool) -> str:
    if not webhooks:
        return "?" if unknown else "-"
    return ", ".join(word for webhook in webhooks for word in _words(webhook)) or "-"


def _words(webhook: WebhookChange) -> list[str]:
    parts = []
    if webhook.unchecked:
        parts.append(f"{WARNING_SIGN} update or **replace**")
    elif webhook.kind in {Kind.DELETE, Kind.REPLACE}:
        parts.append(f"{WARNING_SIGN} **{webhook.kind.value}**")
    elif webhook.kind is Kind.OTHER:
        parts.append(code(webhook.operation, 30))
    elif webhook.kind is Kind.UPDATE:
        parts.extend(_update_words(webhook))
    elif webhook.released:
        parts.append("no longer managed")
    elif webhook.adopts and webhook.kind is Kind.CREATE:
        parts.append(f"{WARNING_SIGN} **adopt** or create")
    elif webhook.kind is not Kind.SAME:
        parts.append(webhook.kind.value)
    if webhook.updates_import:
        parts.extend(_update_words(webhook))
    if webhook.drift:
        parts.append("drift")
    return parts


def _update_words(webhook: WebhookChange) -> list[str]:
    words = []
    if "target" in webhook.changed:
        words.append("target")
    if "triggers" in webhook.changed:
        added, removed = trigger_changes(webhook.old, webhook.new)
        counts = [f"+{len(added)}"] * bool(added) + [f"-{len(removed)}"] * bool(removed)
        words.append(" ".join(["triggers", *counts]))
    if webhook.rotated:
        words.append("secret rotated")
    return words or ["update"]


def _stack(stack: StackPreview) -> list[str]:
    """Return the details of one stack: the change of each webhook, and the engine's messages."""
    blocks = [describe(webhook) for webhook in stack.webhooks if _is_shown(webhook)]
    head = f"#### {plain(stack.name)}"
    if stack.failed:
        head += "\n\n**The preview failed**, so its list of webhook changes may be incomplete."
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


def _last_lines(message: str) -> str:
    lines = message.splitlines()
    if len(lines) <= _LINES_OF_A_DIAGNOSTIC:
        return message
    # The first line names the error, the last lines its reason, as in a Python traceback.
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
        alarm = f" {WARNING_SIGN} Sinch refuses more than {MAX_WEBHOOKS}." if total > MAX_WEBHOOKS else ""
        least = "at least " if incomplete else ""
        label = code(project, 60) if project else "project not known"
        lines.append(f"- {label}: {least}{total} of {MAX_WEBHOOKS} ({split}){alarm}")
    if incomplete:
        lines.extend(
            ["", "Webhooks that do not change are counted with `pulumi preview --json --show-sames`."]
        )
    return ["\n".join(lines)]


def _is_quiet(stack: StackPreview) -> bool:
    """Return whether the preview of the stack shows neither changes nor messages."""
    return not (stack.failed or stack.diagnostics or stack.others or any(map(_is_shown, stack.webhooks)))


def _is_shown(webhook: WebhookChange) -> bool:
    return webhook.kind not in {Kind.SAME, Kind.READ} or webhook.released or webhook.drift is not None
