"""The page about the provider plugin, compared with the code and the tests."""

import ast
import re

import pytest
from documentation.markdown import DOCS, ROOT, rows
from pulumi_sinch.plugin import schema
from pulumi_sinch.plugin.properties import PROPERTIES, WEBHOOK

PAGE = (DOCS / "yaml.md").read_text()
TEST_ID = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


def table(mark: str) -> list[list[str]]:
    """Return the rows of the table below a mark."""
    return rows(PAGE.partition(f"<!-- {mark} -->\n")[2].partition("\n\n")[0])


PROMISES = table("promises")


def test_all_promises_are_found() -> None:
    """The tables of the page are found."""
    assert len(PROMISES) > 20


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0])
def test_each_promise_has_a_test_on_each_route(row: list[str]) -> None:
    """Each cell names a test that exists."""
    _, *cells = row
    assert len(cells) == 2
    for cell in cells:
        match = TEST_ID.fullmatch(cell.strip("`"))
        assert match, f"no test: {cell!r}"
        assert_exists(*match.groups())


def test_the_other_tests_of_the_page_exist() -> None:
    """Tests of only one route exist too."""
    found = TEST_ID.findall(PAGE)
    assert len(found) > 2 * len(PROMISES)
    for file, name in found:
        assert_exists(file, name)


def assert_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


def test_the_properties_are_those_of_the_schema() -> None:
    """The page lists the properties of the schema with their Python names, and marks required ones."""
    resource = schema.read()["resources"][WEBHOOK]
    shown = {row[0].strip("`"): row for row in table("plugin properties")}
    assert set(shown) == {*resource["inputProperties"], *resource["properties"]}
    names = {name: key for key, name in PROPERTIES.items()}
    for name, row in shown.items():
        assert row[2].strip("`") == names.get(name, name)
        assert (row[3] == "required") == (name in resource["requiredInputs"])
        assert ("always a secret" in row[3]) == bool(resource["properties"].get(name, {}).get("secret"))
        assert row[3].startswith("input only") == (name not in resource["properties"])
        assert row[3].startswith("output only") == (name not in resource["inputProperties"])
