"""A create whose answer is lost while something else goes wrong, too; and webhooks that two resources reach for."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fault_matrix.operations import (
    NEW_SECRET,
    NEW_TRIGGERS,
    OLD_SECRET,
    OLD_TRIGGERS,
    TARGET,
    properties,
    secret_of,
)
from in_process_plugin import HANG_TIMEOUT, InProcessPlugin, request_lines, start_in_process_plugin, summarize
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    AnswerLostError,
    InternalError,
    SinchError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core import run_state
from pulumi_sinch.core.error_advice import AMBIGUOUS, UNCHANGED
from pulumi_sinch.emulator import Emulator

LOST_AFTER: dict[str, Any] = {"kind": "reset", "method": "POST", "path": "*/webhooks", "after_commit": True}
LOST_BEFORE: dict[str, Any] = {"kind": "reset", "method": "POST", "path": "*/webhooks"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def plugin(emulator: Emulator) -> Iterator[InProcessPlugin]:
    plugin = start_in_process_plugin(emulator)
    plugin.warm_up(listing=True)
    yield plugin
    plugin.account.client._transport.close()


def wanted(plugin: InProcessPlugin, **other: Any) -> dict[str, Any]:
    return properties(plugin, NEW_SECRET, NEW_TRIGGERS) | other


def refused(act: Callable[[], object], kind: type[SinchError]) -> SinchError:
    with pytest.raises(kind) as caught:
        act()
    return caught.value


def let_lists(plugin: InProcessPlugin, change: Callable[[list[Webhook]], list[Webhook]]) -> None:
    """Let Sinch's lists show something else than what is there."""

    class OtherLists(WebhooksClient):
        def list(self, project_id: str, deadline: Deadline) -> Any:
            return change(super().list(project_id, deadline))

    plugin.account.client.__class__ = OtherLists


def let_lists_lag(plugin: InProcessPlugin) -> None:
    """Let each list show what was there at the list before it."""
    seen: list[list[Webhook]] = [[]]

    def lag(now: list[Webhook]) -> list[Webhook]:
        seen.append(now)
        return seen[-2]

    let_lists(plugin, lag)


def test_a_recovered_webhook_that_cannot_be_completed_is_named(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """The POST was carried out, the PUT after it fails for ever: the error gives the id and the way on."""
    emulator.faults.add(**LOST_AFTER)
    emulator.faults.add("status", status=500, method="PUT", times=None)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), InternalError)
    (webhook,) = emulator.webhooks()
    assert f"Webhook {webhook.id} " in str(error)
    assert "adopt=True" in str(error)
    assert error.ambiguous
    emulator.faults.clear()
    created = plugin.provider.create(wanted(start_in_process_plugin(emulator), adopt=True))
    assert (created.id, secret_of(created.outs)) == (webhook.id, NEW_SECRET)


def test_a_recovered_webhook_that_was_deleted_meanwhile_is_not_advertised(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """The PUT of the recovery meets a 404: there is nothing to adopt, and the command is run again."""
    emulator.faults.add(**LOST_AFTER)
    emulator.faults.add("status", status=404, method="PUT")
    error = refused(lambda: plugin.provider.create(wanted(plugin)), WebhookNotFoundError)
    assert "Run the command again to create it." in str(error)
    assert "incomplete" not in str(error)


def test_a_list_that_lags_behind_costs_one_more_look(emulator: Emulator, plugin: InProcessPlugin) -> None:
    """The POST was carried out but is not in the list yet: a second POST meets the 409, and the next look finds it."""
    let_lists_lag(plugin)
    emulator.faults.add(**LOST_AFTER)
    created = plugin.provider.create(wanted(plugin))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]
    assert request_lines(emulator) == ["POST -", "list 200", "POST 409", "list 200", "PUT 200"]


def test_a_deleted_webhook_never_comes_back_from_a_list_that_lags(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """Deleted, created anew, the POST lost before it was carried out: the old webhook in a late list is not ours."""
    old = emulator.create_webhook(TARGET, NEW_TRIGGERS)
    late = plugin.account.client.list(plugin.project_id, plugin.account.deadline())
    plugin.provider.delete(old.id, wanted(plugin))
    let_lists(plugin, lambda now: now or late)
    emulator.faults.add(**LOST_BEFORE)
    created = plugin.provider.create(wanted(plugin))
    assert created.id != old.id
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]


def test_a_target_that_sinch_holds_on_to_after_a_delete_is_waited_for(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """A replacement deletes first; where the target is free only a little later, the POST is repeated."""
    old = emulator.create_webhook(TARGET, NEW_TRIGGERS)
    plugin.provider.delete(old.id, wanted(plugin))
    emulator.faults.add("status", status=409, method="POST", path="*/webhooks", times=2)
    emulator.journal.clear()
    created = plugin.provider.create(wanted(plugin))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]
    assert request_lines(emulator) == ["POST 409", "POST 409", "POST 201"]


def test_a_target_that_is_taken_for_good_is_not_waited_for(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """Without a delete in this run a conflict is final at once; after one it is after four POSTs."""
    emulator.create_webhook(TARGET, NEW_TRIGGERS)
    refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert emulator.journal.count("POST") == 1
    run_state.current().record_deletion(plugin.project_id, "0" * 32, TARGET)
    refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert emulator.journal.count("POST") == 5


def test_recovery_renews_an_expired_token_and_survives_a_page_loop(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """The list after the lost POST meets an expired token, then pages without an end; the webhook is found."""
    emulator.faults.add(**LOST_AFTER)
    emulator.faults.add("expired_token", method="GET")
    emulator.faults.add("page_loop", method="GET")
    created = plugin.provider.create(wanted(plugin))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]


def test_a_quota_that_fills_up_after_a_lost_post_is_told(emulator: Emulator, plugin: InProcessPlugin) -> None:
    """The first POST was lost before it was carried out, the last place is gone: the 424, and nothing was made."""
    for number in range(15):
        emulator.create_webhook(f"https://strangers.example.com/{number}")
    emulator.faults.add(**LOST_BEFORE)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), WebhookLimitReachedError)
    assert str(error).count("https://strangers.example.com/") == 15
    assert TARGET not in {webhook.target for webhook in emulator.webhooks()}


def test_a_refusal_after_a_lost_post_leaves_open_what_became_of_it(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """The first POST got no answer and may yet be carried out: the 401 to the second must not claim otherwise."""
    emulator.faults.add(**LOST_BEFORE)
    emulator.faults.add("status", status=401, method="POST", path="*/webhooks", times=None)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), SinchError)
    assert AMBIGUOUS in str(error)
    assert UNCHANGED not in str(error)


def test_time_that_runs_out_during_recovery_is_told_as_the_lost_answer(emulator: Emulator) -> None:
    """Every answer takes too long: one POST, one look, and the error says that it may have been carried out."""
    plugin = start_in_process_plugin(emulator, timeout=HANG_TIMEOUT)
    plugin.warm_up(listing=True)
    emulator.faults.add("hang", times=None, after_commit=True)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), AnswerLostError)
    assert AMBIGUOUS in str(error)
    assert summarize(request_lines(emulator)) == "POST -, list - x2"


@pytest.mark.parametrize("fault", [LOST_AFTER, LOST_BEFORE, {"kind": "delay", "delay": 0.0}])
@pytest.mark.parametrize("other_spelling", [TARGET, TARGET.replace("hooks.", "HOOKS.")])
def test_a_target_declared_twice_is_one_webhook_of_one_resource(
    fault: dict[str, Any], other_spelling: str, emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """Two threads create the same target at once, answers are lost: one gets the webhook, the other the 409."""
    let_sinch_normalise(plugin)
    emulator.faults.add(**{**fault, "times": 2})
    results: list[object] = []

    def create(target: str) -> None:
        try:
            results.append(plugin.provider.create(wanted(plugin, target=target)).id)
        except WebhookExistsError as error:
            results.append(error)

    threads = [threading.Thread(target=create, args=(target,)) for target in (TARGET, other_spelling)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    ids = [webhook.id for webhook in emulator.webhooks()]
    assert len(ids) == 1
    assert [result for result in results if isinstance(result, str)] == ids
    assert len(results) == 2


def let_sinch_normalise(plugin: InProcessPlugin) -> None:
    """Let Sinch store and compare targets with the host in lower case."""

    class Normalising(WebhooksClient):
        def create(self, project_id: str, fields: Any, deadline: Deadline) -> Webhook:
            return super().create(project_id, {**fields, "target": fields["target"].lower()}, deadline)

        def replace(self, project_id: str, webhook_id: str, fields: Any, *args: Any, **other: Any) -> Webhook:
            lowered = {**fields, "target": fields["target"].lower()}
            return super().replace(project_id, webhook_id, lowered, *args, **other)

    plugin.account.client.__class__ = Normalising


def test_a_strangers_webhook_with_the_same_target_is_never_taken(emulator: Emulator) -> None:
    """A stranger's webhook was there before the POST whose answer is lost: the 409 names it, and it stays as it is."""
    stranger = emulator.create_webhook(TARGET, NEW_TRIGGERS, "a-secret-of-theirs")
    plugin = start_in_process_plugin(emulator)
    plugin.warm_up(listing=True)
    emulator.faults.add(**LOST_BEFORE)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert stranger.id in str(error)
    assert emulator.webhooks() == [stranger]


def test_a_renamed_webhook_survives_a_run_that_failed_before_its_deletion(emulator: Emulator) -> None:
    """The new name adopted it, the run ended before the old name was deleted: the next run deletes nothing."""
    first = start_in_process_plugin(emulator)
    created = first.provider.create(wanted(first))
    second = start_in_process_plugin(emulator)
    adopted = second.provider.create(wanted(second, adopt=True))
    assert adopted.id == created.id
    third = start_in_process_plugin(emulator)
    third.provider.check(wanted(third), wanted(third))
    third.provider.diff(adopted.id, wanted(third), wanted(third))
    third.provider.delete(created.id, wanted(third))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]


def test_a_webhook_that_is_replaced_is_deleted(emulator: Emulator) -> None:
    """A comparison that finds changes does not keep the old webhook from being deleted."""
    plugin = start_in_process_plugin(emulator)
    created = plugin.provider.create(wanted(plugin))
    plugin.provider.check(wanted(plugin), wanted(plugin, project_id="another"))
    plugin.provider.diff(created.id, wanted(plugin), wanted(plugin, project_id="another"))
    plugin.provider.check({}, wanted(plugin, project_id="another"))
    plugin.provider.delete(created.id, wanted(plugin))
    assert emulator.webhooks() == []


def test_a_webhook_that_is_updated_cannot_be_adopted_in_the_same_run(emulator: Emulator) -> None:
    """Two resources reach for one webhook: whoever comes second gets an error, and it belongs to the first."""
    webhook = emulator.create_webhook(TARGET, NEW_TRIGGERS, NEW_SECRET)
    for updates_first in (True, False):
        plugin = start_in_process_plugin(emulator)
        acts = [
            lambda plugin=plugin: plugin.provider.update(
                webhook.id, wanted(plugin, triggers=["ALL"]), wanted(plugin)
            ),
            lambda plugin=plugin: plugin.provider.create(wanted(plugin, adopt=True)),
        ]
        first, second = acts if updates_first else reversed(acts)
        first()
        error = refused(second, SinchError)
        assert "another resource of this stack" in str(error)
        assert emulator.webhooks() == [replace(webhook)]


def test_the_webhook_of_another_resource_is_not_imported(emulator: Emulator) -> None:
    """The engine saves an import that fails later, so reading fails. Without the other resource it works."""
    webhook = emulator.create_webhook(TARGET, NEW_TRIGGERS, NEW_SECRET)
    plugin = start_in_process_plugin(emulator, route="plugin")
    assert plugin.provider.read(webhook.id, {}).id == webhook.id
    plugin.provider.check(wanted(plugin), wanted(plugin))
    plugin.provider.diff(webhook.id, wanted(plugin), wanted(plugin))
    error = refused(lambda: plugin.provider.read(webhook.id, {}), SinchError)
    assert f"webhook {webhook.id} belongs to another resource" in str(error)
    assert plugin.provider.read(webhook.id, wanted(plugin)).id == webhook.id


def test_an_update_never_meets_an_adoption_in_flight(emulator: Emulator, plugin: InProcessPlugin) -> None:
    """While the adopting PUT is retried, comparison and update of the other resource fail, and a deletion does too."""
    webhook = emulator.create_webhook(TARGET, OLD_TRIGGERS, OLD_SECRET)
    # Its target in the state is an old one, so `check` sees no conflict.
    stored = wanted(plugin, target="https://hooks.example.com/before")
    errors: list[SinchError] = []

    def meanwhile() -> None:
        plugin.time.before_sleep = lambda: None
        plugin.provider.check(stored, stored)
        acts: tuple[Callable[[], object], ...] = (
            lambda: plugin.provider.diff(webhook.id, stored, wanted(plugin)),
            lambda: plugin.provider.update(webhook.id, stored, wanted(plugin, triggers=["ALL"])),
            lambda: plugin.provider.delete(webhook.id, stored),
        )
        errors.extend(refused(act, SinchError) for act in acts)

    plugin.time.before_sleep = meanwhile
    emulator.faults.add("status", status=503, method="PUT")
    created = plugin.provider.create(wanted(plugin, adopt=True))
    assert created.id == webhook.id
    assert [str(error).partition(" failed")[0] for error in errors] == [
        "comparing the webhook",
        "updating the webhook",
        "deleting the webhook",
    ]
    writes = [call for call in request_lines(emulator) if call.startswith(("PUT", "PATCH", "DELETE"))]
    assert writes == ["PUT 503", "PUT 200"]


def test_the_error_of_a_create_is_freed_at_once(emulator: Emulator, plugin: InProcessPlugin) -> None:
    """While it lives, other providers of the process have no tracebacks. It must not wait for the garbage collector."""
    emulator.faults.add(**LOST_BEFORE, times=None)
    gc.collect()
    gc.disable()
    try:
        try:
            plugin.provider.create(wanted(plugin))
        except SinchError as error:
            seen = weakref.ref(error)
        end = time.monotonic() + 5
        while seen() is not None and time.monotonic() < end:
            time.sleep(0.01)  # the thread of the last attempt may still hold it
        assert seen() is None
    finally:
        gc.enable()
