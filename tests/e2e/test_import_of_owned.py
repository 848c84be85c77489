"""The option `import` with the id of a webhook that another resource of the stack owns."""

from e2e.harness import Stack
from e2e.yaml_programs import webhook, write_yaml

ONE = "https://hooks.example.com/one"
TWO = "https://hooks.example.com/two"


def test_an_owned_webhook_is_not_imported(stack: Stack) -> None:
    """After the owner, the import is not saved. Before it, a preview fails. Nothing is sent in either order."""
    write_yaml(stack, "resources:\n" + webhook("owner", target=ONE))
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.calls()
    imported = f"import: '{before.id}'"
    newcomer = webhook("newcomer", target=TWO, options=f"{imported}\ndependsOn: ['${{owner}}']")
    write_yaml(stack, "resources:\n" + webhook("owner", target=ONE) + newcomer)
    shown = stack.up(fails=True).output
    assert f"importing the webhook failed: webhook {before.id} belongs to another resource" in shown
    assert [*stack.state()] == ["owner"]
    owner = webhook("owner", target=ONE, options="dependsOn: ['${newcomer}']")
    write_yaml(stack, "resources:\n" + owner + webhook("newcomer", target=TWO, options=imported))
    shown = stack.pulumi("up", "--yes", fails=True).output
    assert f"webhook {before.id} also belongs to another resource" in shown
    assert [*stack.state()] == ["owner"]
    assert stack.emulator.webhooks() == [before]
    assert not [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


def test_a_lookup_reads_the_webhook_of_another_resource(stack: Stack) -> None:
    """It is no import, also without inputs, so the webhook keeps its one owner."""
    write_yaml(stack, "resources:\n" + webhook("owner", target=ONE))
    stack.up()
    (before,) = stack.emulator.webhooks()
    lookup = f"  reader:\n    type: sinch:index:Webhook\n    get:\n      id: {before.id}\n"
    write_yaml(
        stack, f"resources:\n{webhook('owner', target=ONE)}{lookup}outputs:\n  target: ${{reader.target}}\n"
    )
    stack.up()
    assert stack.secret_outputs() == {"target": ONE}
