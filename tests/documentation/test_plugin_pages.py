"""The pages about the provider plugin and about receivers, compared with the schema and the examples."""

import re
from typing import Any

import pytest
from documentation.markdown import DOCS, ROOT, rows, section
from pulumi_sinch.plugin import schema
from pulumi_sinch.plugin.properties import WEBHOOK

SCHEMA = schema.read()
WEBHOOK_PAGE = DOCS / "plugin-webhook.md"
RECEIVERS = (DOCS / "receivers.md").read_text()


def named(table: list[list[str]]) -> list[str]:
    """Return the first cells of a table's rows."""
    return [row[0].strip("`") for row in table]


def test_inputs_and_outputs_are_those_of_the_schema() -> None:
    """The tables have the inputs, outputs and defaults of the schema, and mark required and secret ones."""
    resource = SCHEMA["resources"][WEBHOOK]
    inputs = rows(section(WEBHOOK_PAGE, "Inputs"))
    assert set(named(inputs)) == set(resource["inputProperties"])
    required = {name.strip("`") for name, _, default, _ in inputs if default == "required"}
    assert required == set(resource["requiredInputs"])
    outputs = rows(section(WEBHOOK_PAGE, "Outputs"))
    assert set(named(outputs)) == {"id", *resource["properties"]}
    for table, properties in ((inputs, resource["inputProperties"]), (outputs, resource["properties"])):
        marked = {row[0].strip("`") for row in table if row[1].startswith("secret ")}
        assert marked == {name for name, described in properties.items() if described.get("secret")}


@pytest.mark.parametrize(
    ("page", "function"), [("plugin-get-webhook", "getWebhook"), ("plugin-get-webhooks", "getWebhooks")]
)
def test_functions_are_those_of_the_schema(page: str, function: str) -> None:
    """The tables have the arguments and results of the schema, in its order."""
    described: dict[str, Any] = SCHEMA["functions"][f"sinch:index:{function}"]
    for title, part in (("Arguments", "inputs"), ("Results", "outputs")):
        assert named(rows(section(DOCS / f"{page}.md", title))) == [*described[part]["properties"]]


def test_each_function_has_its_page() -> None:
    """Each function of the schema has a page in the test above."""
    assert {*SCHEMA["functions"]} == {"sinch:index:getWebhook", "sinch:index:getWebhooks"}


def test_the_code_of_receivers_is_that_of_the_examples() -> None:
    """The receivers on the page equal the examples, which are tested with the vectors."""
    shown = re.findall(r"<!-- file (\S+) -->\n```\w+\n(.*?)^```$", RECEIVERS, re.MULTILINE | re.DOTALL)
    assert [file for file, _ in shown] == [
        "examples/typescript/callback.ts",
        "examples/go/callback/callback.go",
    ]
    for file, code in shown:
        assert code == (ROOT / file).read_text(), file
