import re
from concurrent import futures
from typing import Any

import pytest
from plugin.harness import UNKNOWN, Plugin, RefusedError, Start, plain, secret_keys
from pulumi.runtime.proto import provider_pb2
from pulumi_sinch.emulator import Emulator
from sent_requests import take_sent_requests

SECRETS = {"secret", "previous_secret"}
TARGET = "https://hooks.example.com/sinch?token=t4rget-token"
ACTIVE, ERROR = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"
PROGRAM: dict[str, Any] = {"target": TARGET, "triggers": [ACTIVE, ERROR]}
NO_CREDENTIALS = {"SINCH_KEY_ID": None, "SINCH_KEY_SECRET": None}


Created = tuple[str, dict[str, Any], dict[str, Any]]


def created(plugin: Plugin, **program: Any) -> Created:
    """Check and create a webhook. Return its id, checked inputs and outputs."""
    inputs = plugin.check({**PROGRAM, **program})
    id_, outputs = plugin.create(inputs)
    return id_, inputs, outputs


def test_a_webhooks_life(start: Start, sinch_emulator: Emulator) -> None:
    """Check, create, read, update and delete mark secrets and send the expected requests."""
    plugin = start()
    inputs = plugin.check(PROGRAM)
    assert secret_keys(inputs) == SECRETS
    assert {key: value for key, value in plain(inputs).items() if key != "secret"} == {
        **PROGRAM,
        "project_id": sinch_emulator.project_id,
        "previous_secret": "",
    }
    assert take_sent_requests(sinch_emulator) == []

    id_, outputs = plugin.create(inputs)
    assert secret_keys(outputs) == SECRETS
    assert plain(outputs) == plain(inputs)
    assert sinch_emulator.webhook(id_).secret == plain(outputs)["secret"]
    assert take_sent_requests(sinch_emulator) == ["token", "GET 200", "POST 201"]

    sinch_emulator.change_webhook(id_, triggers=[ERROR], target="https://drifted.example/")
    seen = plugin.read(id_, outputs)
    assert seen[0] == id_
    # The list of this process is younger than a minute. Drift needs the next process (see below).
    assert secret_keys(seen[1]) == secret_keys(seen[2]) == SECRETS
    assert plain(seen[2]) == plain(seen[1])

    news = plugin.check({**PROGRAM, "triggers": [ACTIVE]}, olds=inputs)
    changed = plugin.update(id_, outputs, news)
    assert secret_keys(changed) == SECRETS
    assert plain(changed)["triggers"] == [ACTIVE]
    assert sinch_emulator.journal.entries("PATCH")[0].body == {"triggers": [ACTIVE]}

    destroying = start()  # the process of the run that updates a webhook never deletes it
    destroying.delete(id_, changed)
    destroying.delete(id_, changed)
    assert sinch_emulator.webhooks() == []


def test_drift_is_read(start: Start, sinch_emulator: Emulator) -> None:
    """A refresh returns live outputs and inputs in the state's order, with the secrets of the state."""
    id_, inputs, outputs = created(start(), secret_version=3)
    sinch_emulator.change_webhook(id_, triggers=["BUNDLE_DONE", ERROR], target="https://drifted.example/")
    take_sent_requests(sinch_emulator)
    read_id, read_outputs, read_inputs = start().read(id_, outputs)
    assert take_sent_requests(sinch_emulator) == ["token", "GET 200"]
    assert read_id == id_
    assert plain(read_outputs) == {
        **plain(inputs),
        "target": "https://drifted.example/",
        "triggers": [ERROR, "BUNDLE_DONE"],
    }
    assert plain(read_inputs) == plain(read_outputs)
    assert secret_keys(read_inputs) == secret_keys(read_outputs) == SECRETS


def test_a_webhook_that_is_gone(start: Start, sinch_emulator: Emulator) -> None:
    """A refresh of a deleted webhook returns no id. An update of one says what to do."""
    id_, inputs, outputs = created(start())
    sinch_emulator.delete_webhook(id_)
    plugin = start()
    assert plugin.read(id_, outputs)[0] == ""
    with pytest.raises(RefusedError, match=r"(?s)^pulumi_sinch.WebhookNotFoundError: updating .*--refresh"):
        plugin.update(id_, outputs, plugin.check({**PROGRAM, "triggers": [ERROR]}, olds=inputs))


def test_get(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """A lookup has empty secrets. A missing webhook or an empty id is an error."""
    webhook = sinch_emulator.create_webhook(TARGET, triggers=[ACTIVE])
    id_, outputs, _ = plugin.read(webhook.id, {}, {"project_id": sinch_emulator.project_id})
    assert (id_, secret_keys(outputs)) == (webhook.id, SECRETS)
    assert plain(outputs) == {
        "target": TARGET,
        "triggers": [ACTIVE],
        "project_id": sinch_emulator.project_id,
        "secret": "",
        "previous_secret": "",
    }
    assert plain(plugin.read(webhook.id, {}, {})[1])["project_id"] == sinch_emulator.project_id
    with pytest.raises(
        RefusedError, match=r"(?s)^pulumi_sinch.WebhookNotFoundError: .*Check the id and the project"
    ):
        plugin.read("0" * 32, {}, {})
    for nothing in ("", ".", ".."):
        with pytest.raises(RefusedError, match=r"is not a valid webhook id"):
            plugin.read(nothing, {}, {})


def test_unknown_values_pass(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """Unknown values stay unknown in check and diff, and nothing is sent."""
    program = {"target": UNKNOWN, "triggers": [ACTIVE, UNKNOWN], "secret": UNKNOWN, "project_id": UNKNOWN}
    inputs = plugin.check(program)
    assert plain(inputs) == {**program, "previous_secret": ""}
    state = {**PROGRAM, "project_id": "p", "secret": "s", "previous_secret": ""}
    answer = plugin.diff(state, inputs)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
    assert list(answer.replaces) == ["project_id"]
    assert take_sent_requests(sinch_emulator) == []


def test_a_rotation_beside_an_unknown_target(plugin: Plugin) -> None:
    """An unchanged secret_version, which the engine sends as a float, rotates nothing."""
    _, inputs, _ = created(plugin, secret_version=1)
    again = plugin.check({**PROGRAM, "target": UNKNOWN, "secret_version": 1}, olds=inputs)
    assert plain(again)["secret"] == plain(inputs)["secret"]
    version_unknown = plugin.check({**PROGRAM, "secret_version": UNKNOWN}, olds=inputs)
    assert plain(version_unknown)["secret"] == plain(version_unknown)["previous_secret"] == UNKNOWN


def test_the_order_of_triggers_is_the_states(plugin: Plugin) -> None:
    """The order of triggers in the program does not matter. Unknown triggers stay unknown."""
    _, inputs, _ = created(plugin)
    again = plugin.check({**PROGRAM, "triggers": [ERROR, "BUNDLE_DONE", ACTIVE]}, olds=inputs)
    assert again["triggers"] == [ACTIVE, ERROR, "BUNDLE_DONE"]
    assert plugin.check({**PROGRAM, "triggers": UNKNOWN}, olds=inputs)["triggers"] == UNKNOWN


def test_the_secret_after_an_update(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """The state has the secret that was sent, or the earlier one if the program gives none any more."""
    id_, inputs, outputs = created(plugin, secret="first")
    news = plugin.check({**PROGRAM, "secret": "second"}, olds=inputs)
    changed = plugin.update(id_, outputs, news)
    assert plain(changed)["secret"] == sinch_emulator.webhook(id_).secret == "second"
    unnamed = {key: value for key, value in news.items() if key != "secret"}
    kept = plugin.update(id_, changed, {**unnamed, "triggers": [ERROR]})
    assert plain(kept)["secret"] == sinch_emulator.webhook(id_).secret == "second"


def test_an_update_of_what_sinch_does_not_store_asks_nothing(
    plugin: Plugin, sinch_emulator: Emulator
) -> None:
    """An update of a property that Sinch does not store, such as `adopt`, sends nothing."""
    id_, inputs, outputs = created(plugin, secret="given")
    take_sent_requests(sinch_emulator)
    assert plain(plugin.update(id_, outputs, {**inputs, "adopt": True})) == plain(outputs)
    assert take_sent_requests(sinch_emulator) == []


def test_diff(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """The engine compares properties itself. Flags change nothing, and a new project replaces."""
    _, inputs, outputs = created(plugin)
    unknown, none = provider_pb2.DiffResponse.DIFF_UNKNOWN, provider_pb2.DiffResponse.DIFF_NONE
    project = sinch_emulator.project_id
    for changed, changes, replaces, before in (
        ({}, none, [], True),
        ({"adopt": True}, none, [], True),
        ({"triggers": [ERROR, ACTIVE]}, none, [], True),
        ({"triggers": [ERROR]}, unknown, [], True),
        ({"secret": "another"}, unknown, [], True),
        ({"target": "https://h.example/"}, unknown, [], False),
        ({"project_id": project + "x"}, unknown, ["project_id"], False),
    ):
        answer = plugin.diff(outputs, {**inputs, **changed})
        assert (answer.changes, [*answer.replaces], answer.deleteBeforeReplace) == (changes, replaces, before)


def test_problems_of_a_preview(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """All problems have the empty property, and contain no values of target and secret."""
    found = plugin.problems(
        {"target": "no-url-t4rget-token", "triggers": "ALL", "secret": "s3cret" * 30, "adopt": 1}
    )
    assert [problem.split(" ")[0] for problem in found] == ["target", "triggers", "secret", "adopt"]
    assert not any(value in " ".join(found) for value in ("t4rget-token", "s3cret"))
    assert take_sent_requests(sinch_emulator) == []


@pytest.mark.parametrize(
    ("mode", "refused", "warned", "asked"),
    [("off", 0, 0, []), ("warn", 0, 1, ["token", "GET 200"]), ("error", 1, 0, ["token", "GET 200"])],
)
def test_a_preview_looks_ahead_where_it_is_told_to(
    mode: str, refused: int, warned: int, asked: list[str], start: Start, sinch_emulator: Emulator
) -> None:
    """Preflight warns of a taken target or rejects it. With other problems, nothing is requested."""
    sinch_emulator.create_webhook(TARGET)
    plugin = start({"sinch:preflight": mode})
    (problem,) = plugin.problems({**PROGRAM, "triggers": []})
    assert problem.startswith("triggers")
    assert take_sent_requests(sinch_emulator) == []
    problems = plugin.problems(PROGRAM)
    assert ["target is taken" in problem for problem in problems] == [True] * refused
    assert ["target is taken" in message for _, message in plugin.engine.logged] == [True] * warned
    assert take_sent_requests(sinch_emulator) == asked


@pytest.mark.parametrize("project_id", ["..", "a/b", "${project}"])
def test_the_default_project_is_checked_too(project_id: str, start: Start) -> None:
    """An invalid default project is rejected like one in the program."""
    for plugin in (start({"sinch:projectId": project_id}), start(SINCH_PROJECT_ID=project_id)):
        (problem,) = {problem for problem in plugin.problems(PROGRAM) if problem.startswith("project_id")}
        assert problem == "project_id must be a Sinch project id: letters, digits, hyphens and underscores"


def test_where_the_project_comes_from(start: Start, sinch_emulator: Emulator) -> None:
    """The project comes from the program, the config, the state, or for a new webhook the environment."""
    configured, bare = start({"sinch:projectId": "configured"}), start()
    olds = {**PROGRAM, "project_id": "stored", "secret": "s"}

    def project(plugin: Plugin, **given: Any) -> Any:
        return plain(plugin.check({**PROGRAM, **given.get("program", {})}, olds=given.get("olds")))[
            "project_id"
        ]

    assert project(configured, program={"project_id": "given"}, olds=olds) == "given"
    assert project(configured, olds=olds) == "configured"
    assert project(bare, olds=olds) == "stored"
    assert project(start()) == sinch_emulator.project_id
    (problem,) = start(SINCH_PROJECT_ID=None).problems(PROGRAM)
    assert (
        problem == "project_id is missing: set it for the webhook, or set sinch:projectId (SINCH_PROJECT_ID)"
    )
    with pytest.raises(RefusedError, match=r"^pulumi_sinch\.SettingsError: project_id is missing"):
        start(SINCH_PROJECT_ID=None).read("0" * 32, {}, {})
    (problem,) = start({"shop:projectId": "p"}, SINCH_PROJECT_ID=None).problems(PROGRAM)
    assert problem.endswith("Run `pulumi config set sinch:projectId …` instead.")


def test_without_credentials(start: Start, sinch_emulator: Emulator) -> None:
    """A preview needs no credentials. A create names the missing setting in its first line."""
    plugin = start(**NO_CREDENTIALS)
    inputs = plugin.check(PROGRAM)
    plugin.diff(inputs, inputs)
    with pytest.raises(RefusedError) as refused:
        plugin.create(inputs)
    first = str(refused.value).split("\n")[0]
    assert first == (
        "pulumi_sinch.SettingsError: Sinch credentials are missing: "
        "set sinch:keyId (SINCH_KEY_ID) and sinch:keySecret (SINCH_KEY_SECRET)"
    )
    assert take_sent_requests(sinch_emulator) == []


def test_config_and_typed_values(start: Start, sinch_emulator: Emulator) -> None:
    """Settings come from the stack config or from a provider's typed inputs instead of the environment."""
    config = {
        "sinch:projectId": sinch_emulator.project_id,
        "sinch:keyId": sinch_emulator.key_id,
        "sinch:keySecret": sinch_emulator.key_secret,
        "sinch:apiUrl": sinch_emulator.url,
        "sinch:authUrl": sinch_emulator.url,
        "sinch:timeout": 20,
    }
    plugin = start(
        config, SINCH_KEY_ID="wrong", SINCH_PROJECT_ID="wrong", SINCH_API_URL="https://wrong.example"
    )
    created(plugin)
    assert len(sinch_emulator.webhooks()) == 1


def test_errors_are_sentences(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """An error is a complete first line and the next step, without a traceback."""
    existing = sinch_emulator.create_webhook(TARGET)
    with pytest.raises(RefusedError) as refused:
        created(plugin)
    lines = str(refused.value).split("\n")
    assert re.match(
        r"pulumi_sinch\.WebhookExistsError: creating the webhook failed \(HTTP 409 webhook_exists\): ",
        lines[0],
    )
    assert existing.id in lines[1]
    assert "Traceback" not in str(refused.value)


def test_tracebacks_on_demand(start: Start, sinch_emulator: Emulator) -> None:
    """SINCH_TRACEBACK=1 shows the traceback of an error."""
    sinch_emulator.create_webhook(TARGET)
    with pytest.raises(RefusedError, match=r"^Traceback"):
        created(start(SINCH_TRACEBACK="1"))


@pytest.mark.parametrize("call", ["create", "read", "update", "delete"])
def test_whatever_fails_is_told_in_a_sentence(call: str, start: Start) -> None:
    """No request that fails at Sinch shows a traceback."""
    id_, inputs, outputs = created(start())
    plugin = start(SINCH_KEY_SECRET="a-wrong-one")
    act: dict[str, Any] = {
        "create": lambda: plugin.create(inputs),
        "read": lambda: plugin.read(id_, outputs),
        "update": lambda: plugin.update(id_, outputs, {**inputs, "triggers": [ERROR]}),
        "delete": lambda: plugin.delete(id_, outputs),
    }
    with pytest.raises(RefusedError, match=r"^pulumi_sinch\.TokenError: fetching an access token failed"):
        act[call]()


@pytest.mark.parametrize("call", ["check", "diff", "create", "read", "update", "delete"])
def test_a_bug_keeps_its_traceback(call: str, plugin: Plugin, sinch_emulator: Emulator) -> None:
    """An unexpected exception keeps its traceback in every method, also after a `SinchError`."""
    with pytest.raises(RefusedError, match=r"^pulumi_sinch"):
        plugin.read("0" * 32, {}, {})
    webhook = sinch_emulator.create_webhook(TARGET)
    odd = {**PROGRAM, "triggers": 7.0}  # never written to a state
    act: dict[str, Any] = {
        "check": lambda: plugin.check({**PROGRAM, "project_id": "p"}, olds=odd),
        "diff": lambda: plugin.diff(odd, PROGRAM),
        "create": lambda: plugin.create({"nothing": "at all"}),
        "read": lambda: plugin.read(webhook.id, odd),
        "update": lambda: plugin.update("id", odd, PROGRAM),
        "delete": lambda: plugin.delete("id", {"nothing": "at all"}),
    }
    with pytest.raises(RefusedError, match=r"(?s)^Traceback .*provider\.py.*(KeyError|TypeError)"):
        act[call]()


def test_warnings_are_the_engines(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """An adoption is logged, and a delete in the same run keeps the webhook with one warning."""
    existing = sinch_emulator.create_webhook(TARGET)
    id_, inputs, outputs = created(plugin, adopt=True)
    assert id_ == existing.id
    assert secret_keys(outputs) == SECRETS
    assert plain(outputs)["secret"] == ""
    assert "secret" not in inputs
    plugin.delete(id_, outputs)
    plugin.delete(id_, outputs)
    assert [severity for severity, _ in plugin.engine.logged] == ["INFO", "WARNING"]
    assert all(id_ in message for _, message in plugin.engine.logged)
    assert len(sinch_emulator.webhooks()) == 1


def test_a_proxy_of_the_environment_is_not_for_the_engine(start: Start, sinch_emulator: Emulator) -> None:
    """With a proxy in the environment, warnings reach the engine."""
    existing = sinch_emulator.create_webhook(TARGET)
    environment = {"no_proxy": "127.0.0.1", "no_grpc_proxy": "elsewhere.example"}
    plugin = start(http_proxy="http://127.0.0.1:1", **environment)
    id_, _, outputs = created(plugin, adopt=True)
    assert id_ == existing.id
    plugin.delete(id_, outputs)
    assert [severity for severity, _ in plugin.engine.logged] == ["INFO", "WARNING"]


def test_four_at_a_time_share_one_token(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """Four concurrent requests share one token and one list, and send one POST each."""
    inputs = [plugin.check({**PROGRAM, "target": f"https://h.example/{number}"}) for number in range(8)]
    sinch_emulator.latency = 0.05
    with futures.ThreadPoolExecutor(4) as pool:
        ids = [id_ for id_, _ in pool.map(plugin.create, inputs)]
    assert len(set(ids)) == 8
    assert sorted(take_sent_requests(sinch_emulator)) == ["GET 200", *["POST 201"] * 8, "token"]


def test_a_rejected_key(start: Start) -> None:
    """The error for a wrong key names it and its settings."""
    plugin = start(SINCH_KEY_SECRET="a-wrong-one")
    with pytest.raises(
        RefusedError,
        match=r"(?s)^pulumi_sinch.TokenError: .*HTTP 401.*"
        r"check sinch:keyId .SINCH_KEY_ID. and sinch:keySecret",
    ) as refused:
        created(plugin)
    assert "a-wrong-one" not in str(refused.value)


def test_a_project_that_is_not_the_keys(start: Start) -> None:
    """The error for a wrong project differs from that for a wrong key."""
    plugin = start(SINCH_PROJECT_ID="another-project")
    with pytest.raises(
        RefusedError,
        match=r"(?s)^pulumi_sinch.UnauthorizedError: .*but the key has no access to project another-project",
    ):
        created(plugin)


def test_debug_messages_are_the_engines(plugin: Plugin, sinch_emulator: Emulator) -> None:
    """The engine gets one debug message for each HTTP request, without targets."""
    created(plugin)
    path = f"/v1/projects/{sinch_emulator.project_id}/webhooks"
    assert [message.partition(" in ")[0] for message in plugin.engine.debugged] == [
        "POST /oauth2/token: HTTP 200",
        f"GET {path}: HTTP 200",
        f"POST {path}: HTTP 201",
    ]
    assert "t4rget" not in "".join(plugin.engine.debugged)
    assert plugin.engine.logged == []


def test_a_misspelt_setting_fails_the_check(start: Start) -> None:
    """A misspelt setting fails the check with a suggestion. Existing webhooks can be read and deleted."""
    plugin = start({"sinch:project": "p"})
    assert plugin.problems(PROGRAM) == ["unknown setting `sinch:project`, did you mean `sinch:projectId`?"]
    id_, _, outputs = created(start())
    assert plugin.read(id_, outputs)[0] == id_
    plugin.delete(id_, outputs)


def test_a_setting_of_a_project_named_sinch_is_a_warning(start: Start) -> None:
    """In a project named `sinch`, a misspelt setting is only a warning."""
    plugin = start({"sinch:project": "p"}, PULUMI_PROJECT="sinch")
    created(plugin)
    assert plugin.engine.logged == [
        ("WARNING", "unknown setting `sinch:project`, did you mean `sinch:projectId`?")
    ]


def test_a_target_without_encryption_is_a_warning(plugin: Plugin) -> None:
    """A new http target causes one warning with its host, unless it is on this machine."""
    plain_http = {**PROGRAM, "target": "http://u:p4ss@hooks.example.com/sinch?token=t4rget-token"}
    inputs = plugin.check(plain_http)
    plugin.check(plain_http)
    sentence = (
        "target: callbacks to hooks.example.com are not encrypted, because the target begins with http://. "
        "Use https://, unless the network to the receiver is private."
    )
    assert plugin.engine.logged == [("WARNING", sentence)]
    plugin.check({**PROGRAM, "target": "http://127.0.0.1:8000/sinch"})
    plugin.check({**plain_http, "triggers": [ERROR]}, olds=inputs)
    assert len(plugin.engine.logged) == 1


def test_an_unchanged_target_is_no_warning(start: Start) -> None:
    """An unchanged http target causes no warning."""
    plain_http = {**PROGRAM, "target": "http://hooks.example.com/sinch"}
    inputs = start().check(plain_http)
    plugin = start()
    plugin.check(plain_http, olds=inputs)
    assert plugin.engine.logged == []
