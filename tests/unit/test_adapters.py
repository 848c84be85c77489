"""Adapters decode, call `core` and encode. They decide nothing about webhooks."""

import ast
from pathlib import Path

import pytest
from pulumi_sinch.core.diff import STORED
from pulumi_sinch.core.inputs import WebhookInputs
from pulumi_sinch.plugin.properties import PROPERTIES

PACKAGE = Path(__file__).parents[2] / "provider/pulumi_sinch"
NAMES = {*STORED, *WebhookInputs.model_fields}
NAMES |= {PROPERTIES[name] for name in NAMES & PROPERTIES.keys()}


@pytest.mark.parametrize("adapter", ["provider.py", "plugin/servicer.py"])
def test_an_adapter_names_no_property_of_a_webhook(adapter: str) -> None:
    """An adapter names no property of a webhook, so it cannot contain a rule about one."""
    constants = [
        node.value
        for node in ast.walk(ast.parse((PACKAGE / adapter).read_text()))
        if isinstance(node, ast.Constant)
    ]
    assert constants
    assert not NAMES.intersection(str(value) for value in constants)
