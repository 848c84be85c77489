"""Recovery of a create with a lost response and another failure, and resources that want the same webhook."""

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
    """Change the lists that Sinch returns."""

    class OtherLists(WebhooksClient):
        def list(self, project_id: str, deadline: Deadline) -> Any:
            return change(super().list(project_id, deadline))

    plugin.account.client.__class__ = OtherLists


def let_lists_lag(plugin: InProcessPlugin) -> None:
    """Make each list show the webhooks of the previous list."""
    seen: list[list[Webhook]] = [[]]

    def lag(now: list[Webhook]) -> list[Webhook]:
        seen.append(now)
        return seen[-2]

    let_lists(plugin, lag)


def test_a_recovered_webhook_that_cannot_be_completed_is_named(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """If the PUT of a recovered webhook always fails, the error names the id and the next step."""
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
    """If the list lags behind, a second POST gets the 409, and the next lookup finds the webhook."""
    let_lists_lag(plugin)
    emulator.faults.add(**LOST_AFTER)
    created = plugin.provider.create(wanted(plugin))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]
    assert request_lines(emulator) == ["POST -", "list 200", "POST 409", "list 200", "PUT 200"]


def test_a_deleted_webhook_never_comes_back_from_a_list_that_lags(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """A deleted webhook in a list that lags behind is not taken for the created one."""
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
    """After a delete in this run, the POST is sent again until the target is free."""
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
    """A conflict without a delete in this run is final. After a delete it is final after four POSTs."""
    emulator.create_webhook(TARGET, NEW_TRIGGERS)
    refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert emulator.journal.count("POST") == 1
    run_state.current().record_deletion(plugin.project_id, "0" * 32, TARGET)
    refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert emulator.journal.count("POST") == 5


def test_recovery_renews_an_expired_token_and_survives_a_page_loop(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """The recovery survives an expired token and an endless list, and finds the webhook."""
    emulator.faults.add(**LOST_AFTER)
    emulator.faults.add("expired_token", method="GET")
    emulator.faults.add("page_loop", method="GET")
    created = plugin.provider.create(wanted(plugin))
    assert [webhook.id for webhook in emulator.webhooks()] == [created.id]


def test_a_quota_that_fills_up_after_a_lost_post_is_told(emulator: Emulator, plugin: InProcessPlugin) -> None:
    """If the quota fills up after a lost POST, the error is the 424, and nothing was created."""
    for number in range(15):
        emulator.create_webhook(f"https://others.example.com/{number}")
    emulator.faults.add(**LOST_BEFORE)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), WebhookLimitReachedError)
    assert str(error).count("https://others.example.com/") == 15
    assert TARGET not in {webhook.target for webhook in emulator.webhooks()}


def test_a_refusal_after_a_lost_post_leaves_open_what_became_of_it(
    emulator: Emulator, plugin: InProcessPlugin
) -> None:
    """A 401 after a lost POST is ambiguous, because the first POST may still take effect."""
    emulator.faults.add(**LOST_BEFORE)
    emulator.faults.add("status", status=401, method="POST", path="*/webhooks", times=None)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), SinchError)
    assert AMBIGUOUS in str(error)
    assert UNCHANGED not in str(error)


def test_time_that_runs_out_during_recovery_is_told_as_the_lost_answer(emulator: Emulator) -> None:
    """If the time runs out during the recovery, the error of the lost POST is raised."""
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
    """If two threads create one target with lost responses, one gets the webhook and the other the 409."""
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
    """Make Sinch store and compare targets with the host in lower case."""

    class Normalising(WebhooksClient):
        def create(self, project_id: str, fields: Any, deadline: Deadline) -> Webhook:
            return super().create(project_id, {**fields, "target": fields["target"].lower()}, deadline)

        def replace(self, project_id: str, webhook_id: str, fields: Any, *args: Any, **other: Any) -> Webhook:
            lowered = {**fields, "target": fields["target"].lower()}
            return super().replace(project_id, webhook_id, lowered, *args, **other)

    plugin.account.client.__class__ = Normalising


def test_a_foreign_webhook_with_the_same_target_is_never_adopted(emulator: Emulator) -> None:
    """A webhook that had the target before the lost POST is not changed, and the 409 names it."""
    foreign_webhook = emulator.create_webhook(TARGET, NEW_TRIGGERS, "a-secret-of-theirs")
    plugin = start_in_process_plugin(emulator)
    plugin.warm_up(listing=True)
    emulator.faults.add(**LOST_BEFORE)
    error = refused(lambda: plugin.provider.create(wanted(plugin)), WebhookExistsError)
    assert foreign_webhook.id in str(error)
    assert emulator.webhooks() == [foreign_webhook]


def test_a_renamed_webhook_survives_a_run_that_failed_before_its_deletion(emulator: Emulator) -> None:
    """If a rename ended before the old name was deleted, the next run deletes nothing."""
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
    """The webhook of a resource that changes can still be deleted in its replacement."""
    plugin = start_in_process_plugin(emulator)
    created = plugin.provider.create(wanted(plugin))
    plugin.provider.check(wanted(plugin), wanted(plugin, project_id="another"))
    plugin.provider.diff(created.id, wanted(plugin), wanted(plugin, project_id="another"))
    plugin.provider.check({}, wanted(plugin, project_id="another"))
    plugin.provider.delete(created.id, wanted(plugin))
    assert emulator.webhooks() == []


def test_a_webhook_that_is_updated_cannot_be_adopted_in_the_same_run(emulator: Emulator) -> None:
    """If two resources want one webhook, the second one gets an error in any order."""
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
    """While an adopting PUT is retried, diff, update and delete of the other resource fail."""
    webhook = emulator.create_webhook(TARGET, OLD_TRIGGERS, OLD_SECRET)
    # The state has an old target, so `check` sees no conflict.
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
    """The error of a create is freed at once, because it hides the tracebacks of other providers."""
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
            time.sleep(0.01)  # the thread of the last attempt may still refer to it
        assert seen() is None
    finally:
        gc.enable()
