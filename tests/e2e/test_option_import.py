"""The option `import` and lookups of existing webhooks, in YAML programs."""

from e2e.harness import Stack
from e2e.yaml_programs import WEBHOOK_TYPE, webhook, write_yaml

ONE = "https://hooks.example.com/one"
TWO = "https://hooks.example.com/two"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def test_the_option_import(stack: Stack) -> None:
    """The option `import` imports in `up`. A wrong id leaves nothing in the state.

    A webhook that another resource owns is not imported. After the owner, the import is not saved. Before the
    owner, a preview fails. Nothing is changed at Sinch.
    """
    existing = stack.emulator.create_webhook(ONE, ["WHATSAPP_SENDER_ACTIVE"])
    imported = f"import: '{existing.id}'"
    write_yaml(stack, "resources:\n" + webhook("owner", target=ONE, options=imported))
    stack.up()
    owner = webhook("owner", target=ONE)
    write_yaml(stack, f"resources:\n{owner}")
    stack.assert_preview_is_empty()

    wrong = webhook("wrong", target="https://x.example/", options=f"import: '{'0' * 32}'")
    write_yaml(stack, f"resources:\n{owner}{wrong}")
    stack.up(fails=True)
    assert [*stack.state()] == ["owner"]

    newcomer = webhook("newcomer", target=TWO, options=f"{imported}\ndependsOn: ['${{owner}}']")
    write_yaml(stack, f"resources:\n{owner}{newcomer}")
    shown = stack.up(fails=True).output
    assert f"importing the webhook failed: webhook {existing.id} belongs to another resource" in shown
    assert [*stack.state()] == ["owner"]

    waiting = webhook("owner", target=ONE, options="dependsOn: ['${newcomer}']")
    write_yaml(stack, f"resources:\n{waiting}{webhook('newcomer', target=TWO, options=imported)}")
    shown = stack.pulumi("up", "--yes", fails=True).output
    assert f"webhook {existing.id} also belongs to another resource" in shown
    assert [*stack.state()] == ["owner"]
    assert stack.emulator.webhooks() == [existing]
    assert not [call for call in stack.calls() if call.startswith(WRITES)]


def test_functions_and_lookups(stack: Stack) -> None:
    """A webhook can be found by target, listed, and read as a resource, and is not changed.

    A lookup of another resource's webhook, without inputs, is not an import. The webhook keeps its one owner.
    """
    theirs = stack.emulator.create_webhook(ONE, ["WHATSAPP_SENDER_ACTIVE"])
    owner = f"resources:\n{webhook('owner', target=TWO)}"
    write_yaml(stack, owner)
    stack.up()
    owned = stack.state()["owner"]["id"]
    stack.calls()
    write_yaml(
        stack,
        "variables:\n  found:\n    fn::invoke:\n      function: sinch:index:getWebhook\n"
        f"      arguments:\n        target: {ONE}\n"
        "  listed:\n    fn::invoke:\n      function: sinch:index:getWebhooks\n"
        f"{owner}  read:\n    type: {WEBHOOK_TYPE}\n    get:\n      id: ${{found.id}}\n"
        f"  reader:\n    type: {WEBHOOK_TYPE}\n    get:\n      id: {owned}\n"
        "outputs:\n  id: ${found.id}\n  first: ${listed.webhooks[0].target}\n"
        "  read: ${read.target}\n  owned: ${reader.target}\n",
    )
    stack.up()
    assert stack.secret_outputs() == {"id": theirs.id, "first": ONE, "read": ONE, "owned": TWO}
    assert {call.split()[0] for call in stack.calls()} <= {"token", "GET"}
    stack.destroy()
    assert stack.emulator.webhooks() == [theirs]
