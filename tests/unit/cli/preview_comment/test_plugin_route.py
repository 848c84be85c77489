"""Webhooks of the provider plugin in the comment."""

import json
from typing import Any

from pulumi_sinch.cli.preview_comment import has_change, parse, render
from unit.cli.preview_comment.documents import SECRET

URN = "urn:pulumi:dev::shop::sinch:index:Webhook::senders"
SECRETS = {"secret": SECRET, "previousSecret": SECRET}


def inputs(**changed: Any) -> dict[str, Any]:
    return {
        "target": "https://hooks.example.com/",
        "triggers": ["ALL"],
        "projectId": "p-1",
        **SECRETS,
        **changed,
    }


def preview(op: str, old: dict[str, Any] | None, new: dict[str, Any] | None, **step: Any) -> str:
    states = {"oldState": old, "newState": new}
    shown = {key: {"id": "1", "inputs": one, "outputs": one} for key, one in states.items() if one}
    return json.dumps({"steps": [{"op": op, "urn": URN, **shown, **step}], "changeSummary": {op: 1}})


def test_a_webhook_of_the_plugin_is_a_webhook() -> None:
    """A webhook of the provider plugin counts for the gate, and is not shown with its own type."""
    document = parse("dev", preview("delete", inputs(), None))
    assert has_change([document], ["delete"])
    comment = render([document])
    assert "`senders`: " in comment
    assert "sinch:index" not in comment


def test_the_project_is_read_by_its_name_on_this_route() -> None:
    """A replacement by another project shows both projects, read from `projectId`."""
    replaced = preview("replace", inputs(), inputs(projectId="p-2"), diffReasons=["projectId"])
    assert "project `p-1` → `p-2`" in render([parse("dev", replaced)])


def test_a_rotation_is_told_once() -> None:
    """A rotation is shown once, without `previousSecret`. Other properties keep the names of this route."""
    names = ["secret", "previousSecret", "secretVersion"]
    rotated = preview("update", inputs(), inputs(secretVersion="2"), diffReasons=names)
    document = parse("dev", rotated)
    assert has_change([document], ["rotate"])
    comment = render([document])
    assert "secret rotated" in comment
    assert "also changed: `secretVersion`" in comment
    assert "previousSecret" not in comment


def test_adoption_trips_the_gate() -> None:
    """An adoption on this route trips the gate."""
    assert has_change([parse("dev", preview("create", None, inputs(adopt=True)))], ["adopt"])


def test_a_secret_in_plain_text_is_hidden() -> None:
    """A plain-text secret in the preview is not in the comment."""
    leaked = preview("update", inputs(), inputs(previousSecret="pr3v1ous-s3cret"))
    document = json.loads(leaked)
    document["diagnostics"] = [{"severity": "error", "message": "it was pr3v1ous-s3cret"}]
    assert "pr3v1ous-s3cret" not in render([parse("dev", json.dumps(document))])
