"""Previews for tests: recorded ones, and others built from single steps."""

import json
from pathlib import Path
from typing import Any

from pulumi_sinch.cli.pulumi_json import WEBHOOK_TYPE

HERE = Path(__file__).parent
TYPE = WEBHOOK_TYPE
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def golden(name: str) -> str:
    return (HERE / f"{name}.json").read_text("utf-8")


def step(op: str, name: str = "hook", kind: str = TYPE, **states: Any) -> dict[str, Any]:
    """Return a step. ``old`` and ``new`` are inputs."""
    result: dict[str, Any] = {"op": op, "urn": f"urn:pulumi:dev::shop::{kind}::{name}"}
    for key, state in (("old", "oldState"), ("new", "newState")):
        if key in states:
            result[state] = {"inputs": states.pop(key)}
    return {**result, **states}


def inputs(
    target: object = "https://h.example/a", triggers: object = ("ALL",), **more: object
) -> dict[str, object]:
    shown = list(triggers) if isinstance(triggers, tuple) else triggers
    return {"target": target, "triggers": shown, "project_id": "p", "secret": "[secret]", **more}


REFRESHED = step("refresh", old=inputs(), new=inputs())


def output(*steps: dict[str, Any], **more: Any) -> str:
    return json.dumps({"steps": list(steps), "changeSummary": {}, **more})
