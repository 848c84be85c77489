"""The process `pulumi-resource-sinch` over gRPC."""

import json
from concurrent import futures
from typing import Any

import pytest
from e2e.killing import wait_until
from odd_webhooks import OddWebhooks
from plugin.harness import UNKNOWN, RefusedError, as_dict, plain, secret_keys, written_in_python
from plugin.provider_plugin import ProviderPlugin, StartPlugin
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.version import __version__
from sent_requests import take_sent_requests

SECRETS = {"secret", "previousSecret"}
TARGET = "https://hooks.example.com/sinch?token=t4rget-token"
ACTIVE, ERROR, NEWER = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR", "A_NEWER_TRIGGER"
PROGRAM: dict[str, Any] = {"target": TARGET, "triggers": [ACTIVE, ERROR]}
OTHER_PROJECT = "0c4f5f5e-52a1-4b0d-8b8e-1f3f0c3b7a11"


@pytest.fixture
def plugin(start_plugin: StartPlugin) -> ProviderPlugin:
    """A configured plugin."""
    return start_plugin()


def created(plugin: ProviderPlugin, **program: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Check and create a webhook. Return its id, checked inputs and outputs."""
    inputs = plugin.check({**PROGRAM, **program})
    id_, outputs = plugin.create(inputs)
    return id_, inputs, outputs


def test_a_webhooks_life(start_plugin: StartPlugin, sinch_emulator: Emulator) -> None:
    """All methods use camelCase names, mark secrets, and send the same requests as the dynamic route."""
    plugin = start_plugin()
    inputs = plugin.check(PROGRAM)
    assert inputs == {**PROGRAM, "projectId": sinch_emulator.project_id}
    assert take_sent_requests(sinch_emulator) == []

    id_, outputs = plugin.create(inputs)
    assert secret_keys(outputs) == SECRETS
    secret = sinch_emulator.webhook(id_).secret
    assert plain(outputs) == {**inputs, "secret": secret, "previousSecret": ""}
    assert take_sent_requests(sinch_emulator) == ["token", "GET 200", "POST 201"]

    read_id, read_outputs, read_inputs = plugin.read(id_, outputs, inputs)
    assert read_id == id_
    assert secret_keys(read_outputs) == SECRETS
    assert plain(read_outputs) == plain(outputs)
    assert read_inputs == inputs

    news = plugin.check({**PROGRAM, "triggers": [ACTIVE]}, olds=inputs)
    changed = plugin.update(id_, outputs, news)
    assert secret_keys(changed) == SECRETS
    assert plain(changed)["triggers"] == [ACTIVE]
    assert sinch_emulator.journal.entries("PATCH")[0].body == {"triggers": [ACTIVE]}

    destroying = start_plugin()  # the process of the run that updates a webhook keeps it
    destroying.delete(id_, changed)
    destroying.delete(id_, changed)
    assert sinch_emulator.webhooks() == []


def test_a_webhook_that_is_gone_has_no_id(start_plugin: StartPlugin, sinch_emulator: Emulator) -> None:
    """A read of a deleted webhook returns no id. After any other error the webhook stays."""
    id_, _, outputs = created(start_plugin())
    sinch_emulator.delete_webhook(id_)
    assert start_plugin().read(id_, outputs) == ("", {}, {})
    sinch_emulator.faults.add("html", status=404, method="GET", path="*/webhooks*", times=None)
    with pytest.raises(RefusedError, match="listing the webhooks failed"):
        start_plugin().read(id_, outputs)


BAD_INPUTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a list as text": {**PROGRAM, "triggers": "ALL"},
    "no trigger": {**PROGRAM, "triggers": []},
    "numbers as triggers": {**PROGRAM, "triggers": [1]},
    "a misspelt trigger": {**PROGRAM, "triggers": ["WHATSAPP_SENDER_ACTIV"]},
    "an unknown trigger": {**PROGRAM, "triggers": ["SOMETHING_ELSE_ENTIRELY"]},
    "ALL and others": {**PROGRAM, "triggers": ["ALL", ACTIVE]},
    "flags as text": {**PROGRAM, "adopt": "yes", "allowUnknownTriggers": "yes"},
    "an empty version": {**PROGRAM, "secretVersion": ""},
    "an impossible project": {**PROGRAM, "projectId": "a/b"},
    "an empty secret": {**PROGRAM, "secret": ""},
    "a target that is none": {**PROGRAM, "target": "ftp://x"},
    "another property": {**PROGRAM, "name": "x"},
}


@pytest.mark.parametrize("inputs", BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_problems_are_told_in_the_names_of_this_route(
    start_plugin: StartPlugin, inputs: dict[str, Any]
) -> None:
    """Problems contain no Python syntax, and no values of target and secret."""
    problems = start_plugin(SINCH_PROJECT_ID=None).problems(inputs)
    assert problems
    assert any("projectId" in problem for problem in problems)
    assert "t4rget-token" not in "".join(problems)


def test_the_search_for_python_finds_it() -> None:
    """The search for Python syntax finds names, options and values, and nothing of the engine or Sinch."""
    for text in ("give project_id", "with adopt=True", "must be True", "ResourceOptions(aliases)"):
        assert written_in_python(text), text
    for text in ("POST failed (HTTP 409 webhook_exists)", "`adopt: true`", "SINCH_PROJECT_ID", "/a_b/c"):
        assert not written_in_python(text), text


def test_a_property_that_is_spelled_as_in_python_is_rejected(plugin: ProviderPlugin) -> None:
    """A property that is spelled as in Python is named with the right spelling."""
    response = plugin.checked({**PROGRAM, "secret_version": "1"})
    assert [failure.reason for failure in response.failures] == [
        "secret_version is not a property of a webhook: did you mean secretVersion?"
    ]


def test_two_resources_with_one_target_fail_the_preview(start_plugin: StartPlugin) -> None:
    """Two resources with the same target fail the preview. A second check of one resource does not."""
    plugin = start_plugin()
    plugin.check({**PROGRAM, "target": "https://hooks.example.com"}, name="first")
    plugin.check({**PROGRAM, "target": "https://hooks.example.com"}, name="first")
    again = {**PROGRAM, "target": "https://HOOKS.example.com:443/"}
    (problem,) = plugin.problems(again, name="second")
    assert "target is the same as that of 'first' (https://HOOKS.example.com:443/)" in problem
    assert "give it the option `aliases` with the old name" in problem
    plugin.check({**again, "projectId": OTHER_PROJECT}, name="second")
    plugin.check({**again, "target": UNKNOWN}, name="third")


def test_a_target_that_a_resource_gives_up_is_free(start_plugin: StartPlugin) -> None:
    """A target is free if the last check of its resource has another one."""
    plugin = start_plugin()
    plugin.check(PROGRAM, name="first")
    plugin.check({**PROGRAM, "target": "https://hooks.example.com/moved"}, name="first")
    plugin.check(PROGRAM, name="second")


def test_equal_names_in_two_components_are_told_apart(plugin: ProviderPlugin) -> None:
    """If the names of both resources are equal, the problem shows URNs."""
    plugin.check(PROGRAM, name="a")
    plugin.checked(PROGRAM, name="other$sinch:index:Webhook::b")
    (problem,) = plugin.problems(PROGRAM, name="third$sinch:index:Webhook::a")
    assert "urn:pulumi:dev::shop::sinch:index:Webhook::a" in problem


def test_a_generated_secret_is_in_no_input(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """A generated secret is never an input, because plans print inputs. The state has it as an output."""
    id_, inputs, outputs = created(plugin, secretVersion="1")
    assert not secret_keys(inputs)
    first = sinch_emulator.webhook(id_).secret
    assert plain(outputs)["secret"] == first
    assert len(first) == 43

    kept = plugin.check({**PROGRAM, "secretVersion": "1", "triggers": [ACTIVE]}, inputs)
    outputs = plugin.update(id_, outputs, kept)
    assert plain(outputs)["secret"] == first

    rotated = plugin.check({**PROGRAM, "secretVersion": "2"}, kept)
    assert not secret_keys(rotated)
    outputs = plugin.update(id_, outputs, rotated)
    assert secret_keys(outputs) == SECRETS
    assert sinch_emulator.webhook(id_).secret == plain(outputs)["secret"] != first
    assert plain(outputs)["previousSecret"] == first
    assert not plugin.diff(outputs, rotated, id_).detailedDiff


def test_a_secret_that_leaves_the_program_stays(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """A secret removed from the program stays as an output, and later becomes the previous secret."""
    id_, inputs, outputs = created(plugin, secret="given-secret")
    assert secret_keys(inputs) == {"secret"}
    without = plugin.check(PROGRAM, inputs)
    assert not secret_keys(without)
    assert not plugin.diff(outputs, without, id_).detailedDiff
    again = plugin.check({**PROGRAM, "secret": "another-secret"}, without)
    outputs = plugin.update(id_, outputs, again)
    assert sinch_emulator.webhook(id_).secret == "another-secret"
    assert plain(outputs)["previousSecret"] == "given-secret"


def test_a_refresh_returns_a_given_secret_as_an_input(plugin: ProviderPlugin) -> None:
    """A refresh returns a given secret as an input, and a generated one only as an output."""
    id_, inputs, outputs = created(plugin, secret="given-secret")
    assert plain(plugin.read(id_, outputs, inputs)[2]) == plain(inputs)
    without = {key: value for key, value in inputs.items() if key != "secret"}
    assert plugin.read(id_, outputs, without)[2] == without


STATE: dict[str, Any] = {
    **PROGRAM,
    "projectId": OTHER_PROJECT,
    "secret": "s",
    "previousSecret": "",
}
# PropertyDiff.Kind: add 0, delete 2, update 4, and one more for a replacement.
DIFFS: dict[str, tuple[dict[str, Any], dict[str, int], list[str]]] = {
    "an added trigger": ({"triggers": [ACTIVE, ERROR, "BUNDLE_DONE"]}, {"triggers[2]": 0}, []),
    "a removed trigger": ({"triggers": [ERROR]}, {"triggers[0]": 2}, []),
    "another trigger": ({"triggers": [ACTIVE, "BUNDLE_DONE"]}, {"triggers[1]": 4}, []),
    "another order": ({"triggers": [ERROR, ACTIVE]}, {}, []),
    "unknown triggers": ({"triggers": UNKNOWN}, {"triggers": 4}, []),
    "another secret": ({"secret": "t"}, {"secret": 4, "previousSecret": 0}, []),
    "an unknown secret": ({"secret": UNKNOWN}, {"secret": 4, "previousSecret": 0}, []),
    "a secret that is sent again": ({"secret": "s", "secretVersion": "1"}, {"secretVersion": 0}, []),
    "a generated secret": (
        {"secretVersion": "1"},
        {"secret": 0, "previousSecret": 0, "secretVersion": 0},
        [],
    ),
    "another project": ({"projectId": "p-2"}, {"projectId": 5}, ["projectId"]),
    "an unknown project": ({"projectId": UNKNOWN}, {"projectId": 5}, ["projectId"]),
    "a flag": ({"adopt": True}, {}, []),
    "nothing": ({}, {}, []),
}


@pytest.mark.parametrize(("news", "details", "replaces"), DIFFS.values(), ids=DIFFS)
def test_the_diff_shows_what_changes(
    plugin: ProviderPlugin, news: dict[str, Any], details: dict[str, int], replaces: list[str]
) -> None:
    """Triggers are compared as a set. Only the project replaces a webhook, which is then created first."""
    diff = plugin.diff(STATE, {**{key: value for key, value in STATE.items() if key not in SECRETS}, **news})
    assert {path: entry.kind for path, entry in diff.detailedDiff.items()} == details
    assert diff.hasDetailedDiff
    assert diff.changes == (2 if details else 1)
    assert [*diff.diffs] == sorted({path.partition("[")[0] for path in details})
    assert [*diff.replaces] == replaces
    if replaces:
        assert not diff.deleteBeforeReplace


def test_a_replacement_that_keeps_target_and_project_deletes_first(plugin: ProviderPlugin) -> None:
    """A replacement with the same target and project deletes first."""
    assert plugin.diff(STATE, {**STATE, "triggers": [ACTIVE]}).deleteBeforeReplace
    assert not plugin.diff(STATE, {**STATE, "target": "https://hooks.example.com/b"}).deleteBeforeReplace


def test_everything_can_be_ignored(start_plugin: StartPlugin) -> None:
    """With `ignoreChanges: ["*"]` the new inputs are the old ones, `previousSecret` included."""
    old = plain(start_plugin().check({**PROGRAM, "secret": "s3cret-given", "secretVersion": "1"}))
    assert plain(start_plugin().check(old, old)) == old


def test_a_webhook_of_another_resource_is_not_adopted(
    start_plugin: StartPlugin, sinch_emulator: Emulator
) -> None:
    """An adoption of another resource's webhook is rejected, even if its program wants another target now."""
    plugin = start_plugin()
    olds = {**STATE, "projectId": sinch_emulator.project_id}
    plugin.check({**olds, "target": "https://hooks.example.com/moved"}, olds, name="owner")
    (problem,) = plugin.problems({**PROGRAM, "adopt": True}, name="other")
    assert problem.startswith("adopt: another resource of this stack owns the webhook")
    assert "remove `adopt: true`" in problem


def test_a_webhook_is_adopted(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """An adopted webhook keeps its id, and the secret that only Sinch knows."""
    existing = sinch_emulator.create_webhook(TARGET, ["ALL"], "only-sinch-knows-this")
    id_, _, outputs = created(plugin, adopt=True)
    assert id_ == existing.id
    assert plain(outputs)["secret"] == ""
    live = sinch_emulator.webhook(id_)
    assert (live.secret, {*live.triggers}) == ("only-sinch-knows-this", {ACTIVE, ERROR})


def test_the_first_secret_of_an_imported_webhook_sends_the_whole_webhook(
    plugin: ProviderPlugin, sinch_emulator: Emulator
) -> None:
    """The first secret of an imported webhook is sent with a PUT."""
    webhook = sinch_emulator.create_webhook(TARGET, [ACTIVE])
    id_, outputs, inputs = plugin.read(webhook.id)
    news = plugin.check({**inputs, "secret": "given-after-the-import"}, inputs)
    take_sent_requests(sinch_emulator)
    plugin.update(id_, outputs, news)
    assert take_sent_requests(sinch_emulator) == ["PUT 200"]
    assert sinch_emulator.webhook(id_).secret == "given-after-the-import"


def test_a_stray_variable_moves_no_webhook(start_plugin: StartPlugin) -> None:
    """The project in the state takes precedence over `SINCH_PROJECT_ID`, and the provider's over both."""
    stored = plain(start_plugin(SINCH_PROJECT_ID="another").check(PROGRAM, STATE))
    assert stored["projectId"] == OTHER_PROJECT
    assert plain(start_plugin({"projectId": "p-3"}).check(PROGRAM, STATE))["projectId"] == "p-3"


def test_odd_webhooks_block_nothing(
    plugin: ProviderPlugin, sinch_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Webhooks of other products, with null and mistyped fields, are listed, and ours is created."""
    OddWebhooks(monkeypatch).add(sinch_emulator)
    created(plugin)
    assert TARGET in [webhook["target"] for webhook in plugin.invoke("getWebhooks")["webhooks"]]


def test_previews_return_the_outputs_that_are_known(
    start_plugin: StartPlugin, sinch_emulator: Emulator
) -> None:
    """Previews of create and update return the known outputs, keep secrets marked, and send nothing."""
    plugin = start_plugin()
    inputs = plugin.check({**PROGRAM, "target": UNKNOWN})
    id_, outputs = plugin.create(inputs, preview=True)
    assert id_ == ""
    assert secret_keys(outputs) == SECRETS
    assert plain(outputs) == {**inputs, "secret": UNKNOWN, "previousSecret": ""}
    given = plugin.check({**PROGRAM, "secret": "given-secret"})
    outputs = plugin.create(given, preview=True)[1]
    assert plain(outputs)["secret"] == "given-secret"
    expected: list[tuple[dict[str, Any], str, str]] = [
        ({"secret": "another-secret"}, "another-secret", "given-secret"),
        ({"secret": UNKNOWN}, UNKNOWN, UNKNOWN),
        ({"triggers": [ACTIVE]}, "given-secret", ""),
        ({"secretVersion": "2"}, UNKNOWN, UNKNOWN),
    ]
    for program, secret, previous in expected:
        news = plugin.check({**PROGRAM, **program}, olds=given)
        changed = plugin.update("id", outputs, news, preview=True)
        assert secret_keys(changed) == SECRETS
        assert (plain(changed)["secret"], plain(changed)["previousSecret"]) == (secret, previous)
    assert take_sent_requests(sinch_emulator) == []


@pytest.mark.parametrize("with_project", [False, True])
def test_an_import_reads_what_a_program_can_declare(
    start_plugin: StartPlugin, sinch_emulator: Emulator, *, with_project: bool
) -> None:
    """An import by id or by project and id returns inputs that `check` accepts, and an empty diff."""
    key = sinch_emulator.key_id, sinch_emulator.key_secret
    sinch_emulator.add_key(*key, [sinch_emulator.project_id, OTHER_PROJECT])
    project_id = OTHER_PROJECT if with_project else sinch_emulator.project_id
    webhook = sinch_emulator.create_webhook(TARGET, [ACTIVE, NEWER], project_id=project_id)
    plugin = start_plugin()
    id_, outputs, inputs = plugin.read(f"{OTHER_PROJECT}/{webhook.id}" if with_project else webhook.id)
    assert id_ == webhook.id
    declared = {"target": TARGET, "triggers": [ACTIVE, NEWER], "projectId": project_id}
    assert inputs == {**declared, "allowUnknownTriggers": True}
    assert secret_keys(outputs) == SECRETS
    assert plain(outputs) == {**declared, "secret": "", "previousSecret": ""}
    checked = plugin.check(inputs, olds=inputs)
    assert checked == inputs
    assert not plugin.diff(outputs, checked, id_).detailedDiff


def test_an_import_of_known_triggers_needs_no_flag(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """An import of known triggers does not set `allowUnknownTriggers`."""
    webhook = sinch_emulator.create_webhook(TARGET, [ACTIVE])
    assert set(plugin.read(webhook.id)[2]) == {"target", "triggers", "projectId"}


def test_a_wrong_id_is_an_error(plugin: ProviderPlugin) -> None:
    """The error for a wrong id names the project and the command that lists the ids."""
    with pytest.raises(RefusedError, match=r"(?s)webhook_not_found.*`pulumi-sinch list` lists the webhooks"):
        plugin.read("0" * 32)


def test_a_taken_target_points_to_pulumi_import(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """The error for a taken target contains an import command with the webhook's id."""
    webhook = sinch_emulator.create_webhook(TARGET, [ACTIVE])
    with pytest.raises(RefusedError) as refused:
        created(plugin)
    command = f"`pulumi import sinch:index:Webhook NAME {sinch_emulator.project_id}/{webhook.id}`"
    assert command in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert "`adopt: true`" in str(refused.value)


def test_a_log_message_speaks_as_this_route_does(start_plugin: StartPlugin, sinch_emulator: Emulator) -> None:
    """Warnings use the names of this route, and name their resource."""
    for number in range(15):
        sinch_emulator.create_webhook(f"https://hooks.example.com/{number}")
    plugin = start_plugin({"preflight": "warn"})
    plugin.check(PROGRAM, name="senders")
    ((severity, message),) = plugin.engine.logged
    assert severity == "WARNING"
    assert plugin.engine.named == ["senders"]
    assert f"projectId: project {sinch_emulator.project_id} would have 16 webhooks" in message


BAD_CONFIG = {
    "auth": "magic",
    "timeout": "soon",
    "apiUrl": "http://sinch.example.com",
    "preflight": "yes",
}


@pytest.mark.parametrize(("key", "value"), BAD_CONFIG.items(), ids=BAD_CONFIG)
def test_a_bad_setting_of_a_provider_is_rejected(plugin: ProviderPlugin, key: str, value: str) -> None:
    """An invalid setting of a provider is rejected with its name."""
    (problem,) = plugin.problems_of_config({key: value})
    assert problem.startswith(f"sinch:{key} (SINCH_")


def test_secret_settings_are_marked(plugin: ProviderPlugin) -> None:
    """Secret settings are marked, so that the state does not store them in plain text."""
    response = plugin.checked_config({"keyId": "k", "keySecret": "k3y-s3cr3t", "timeout": UNKNOWN})
    assert not response.failures
    inputs = as_dict(response.inputs)
    assert secret_keys(inputs) == {"keySecret"}
    assert plain(inputs) == {"keyId": "k", "keySecret": "k3y-s3cr3t", "timeout": UNKNOWN}


def test_another_setting_never_replaces_the_webhooks(plugin: ProviderPlugin) -> None:
    """The diff of a provider names the changes and replaces nothing."""
    for old, new in (("a", "b"), ("b", "a")):
        diff = plugin.diff_config({"keyId": old, "timeout": "20"}, {"keyId": new, "timeout": "20"})
        assert ([*diff.diffs], diff.changes, [*diff.replaces]) == (["keyId"], 2, [])
    assert [*plugin.diff_config({"keyId": "a"}, {"timeout": "20"}).diffs] == ["keyId", "timeout"]
    assert plugin.diff_config({"keyId": "a"}, {"keyId": "a"}).changes == 1


def test_the_engine_sends_secrets_in_plain_text_and_asks_for_previews(plugin: ProviderPlugin) -> None:
    """The plugin asks for plain secrets, and for previews of create and update."""
    configured = plugin.configure({})
    assert (configured.acceptSecrets, configured.supportsPreview) == (False, True)


def test_settings_come_from_the_provider(start_plugin: StartPlugin, sinch_emulator: Emulator) -> None:
    """Settings of the provider arrive as strings, and take precedence over the environment."""
    sinch_emulator.add_key("eu-key", "the-secret-of-the-eu-key", [OTHER_PROJECT])
    plugin = start_plugin(
        {
            "projectId": OTHER_PROJECT,
            "keyId": "eu-key",
            "keySecret": "the-secret-of-the-eu-key",
            "timeout": "20",
        }
    )
    created(plugin)
    assert [webhook.target for webhook in sinch_emulator.webhooks(OTHER_PROJECT)] == [TARGET]


def test_a_webhook_is_found_by_id_and_by_target(plugin: ProviderPlugin, sinch_emulator: Emulator) -> None:
    """A webhook is found by id, by project and id, and by target, with the same result."""
    webhook = sinch_emulator.create_webhook(TARGET, [ACTIVE])
    expected = {
        "id": webhook.id,
        "target": TARGET,
        "triggers": [ACTIVE],
        "projectId": sinch_emulator.project_id,
    }
    assert plugin.invoke("getWebhook", id=webhook.id) == expected
    assert plugin.invoke("getWebhook", id=f"{sinch_emulator.project_id}/{webhook.id}") == expected
    assert plugin.invoke("getWebhook", target=TARGET) == expected
    listed = {"projectId": sinch_emulator.project_id, "webhooks": [expected]}
    assert plugin.invoke("getWebhooks") == listed
    assert plugin.invoke("getWebhooks", projectId=sinch_emulator.project_id) == listed


LOOKUPS: dict[str, tuple[dict[str, str], str]] = {
    "neither": ({}, "give id or target, but not both"),
    "both": ({"id": "x", "target": "https://x.example"}, "give id or target, but not both"),
    "an unknown id": ({"id": "0" * 32}, "webhook_not_found"),
    "an unknown target": (
        {"target": "https://hooks.example.com/?token=t4rget"},
        r"has no webhook with the target https://hooks.example.com/\?…",
    ),
}


@pytest.mark.parametrize(("args", "error"), LOOKUPS.values(), ids=LOOKUPS)
def test_a_lookup_that_finds_nothing_is_an_error(
    plugin: ProviderPlugin, args: dict[str, str], error: str
) -> None:
    """The error of a lookup that finds nothing redacts the target."""
    with pytest.raises(RefusedError, match=error):
        plugin.invoke("getWebhook", **args)


def test_a_function_needs_a_project(start_plugin: StartPlugin) -> None:
    """The error for a missing project names the function and the setting."""
    plugin = start_plugin(SINCH_PROJECT_ID=None)
    with pytest.raises(
        RefusedError, match="projectId is missing: set it for getWebhooks, or set sinch:projectId"
    ):
        plugin.invoke("getWebhooks")


def test_an_unexpected_error_has_its_traceback(plugin: ProviderPlugin) -> None:
    """An unexpected exception has its traceback."""
    with pytest.raises(RefusedError, match="Traceback"):
        plugin.invoke("getNothing")
    plugin.shown.clear()  # a traceback contains Python


def test_schema_and_version_are_those_of_the_distribution(plugin: ProviderPlugin) -> None:
    """Schema and plugin have the version of the distribution."""
    schema = json.loads(plugin.schema())
    assert schema["name"] == "sinch"
    assert schema["version"] == plugin.version() == __version__


def test_fifteen_creates_are_sent_at_once(start_plugin: StartPlugin, sinch_emulator: Emulator) -> None:
    """Fifteen creates are sent at once, before one gets its response."""
    plugin = start_plugin()
    inputs = [
        plugin.check({**PROGRAM, "target": f"{TARGET}{number}"}, name=f"w{number}") for number in range(15)
    ]
    plugin.read(sinch_emulator.create_webhook("https://other.example/").id)  # fetches the token and the list
    sinch_emulator.faults.add("hang", method="POST", path="*/webhooks", times=None)
    sinch_emulator.journal.clear()
    with futures.ThreadPoolExecutor(15) as threads:
        calls = [threads.submit(plugin.create, one) for one in inputs]
        wait_until(lambda: len(sinch_emulator.journal.entries("POST")) == 15, "fifteenth create")
        lists = sinch_emulator.journal.entries("GET")
        plugin.kill()
    assert lists == []  # no create has timed out and requested the list
    assert all(call.exception() for call in calls)


def test_a_create_in_flight_finishes_when_the_engine_interrupts(
    plugin: ProviderPlugin, sinch_emulator: Emulator
) -> None:
    """A create in flight finishes when the engine interrupts, and then the process ends."""
    inputs = plugin.check(PROGRAM)
    sinch_emulator.faults.add("delay", delay=1, method="POST", path="*/webhooks")
    with futures.ThreadPoolExecutor(1) as threads:
        call = threads.submit(plugin.create, inputs)
        wait_until(lambda: bool(sinch_emulator.journal.entries("POST", "/webhooks")), "POST at the emulator")
        plugin.cancel()
        plugin.interrupt()
        id_, _ = call.result()
    assert sinch_emulator.webhook(id_).target == TARGET
    assert plugin.wait() == 0


def test_a_plugin_ends_when_its_engine_is_gone(plugin: ProviderPlugin) -> None:
    """A plugin ends after its engine was killed."""
    plugin.engine.stop()
    assert plugin.wait() == 0


def test_a_misspelt_setting_is_named(start_plugin: StartPlugin) -> None:
    """A misspelt setting fails the preview with a suggestion, or is a warning in a project named `sinch`."""
    sentence = "unknown setting `sinch:project`, did you mean `sinch:projectId`?"
    plugin = start_plugin()
    assert plugin.problems_of_config({"project": "p", "keyId": "i", "other": "x"}) == [sentence]
    assert plugin.engine.logged == []
    assert plugin.problems_of_config({"project": "p"}, project="sinch") == []
    assert plugin.engine.logged == [("WARNING", sentence)]


def test_a_create_without_a_response_does_not_keep_a_plugin(
    start_plugin: StartPlugin, sinch_emulator: Emulator
) -> None:
    """A plugin without an engine waits ten seconds for a create, not until its deadline."""
    plugin = start_plugin({"timeout": "300"})
    inputs = plugin.check(PROGRAM)
    sinch_emulator.faults.add("hang", method="POST", path="*/webhooks", times=None)
    with futures.ThreadPoolExecutor(1) as threads:
        call = threads.submit(plugin.create, inputs)
        wait_until(lambda: bool(sinch_emulator.journal.entries("POST", "/webhooks")), "POST at the emulator")
        plugin.engine.stop()
        assert plugin.wait() == 0
    assert call.exception()
