"""The schema matches the code."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from clean_environment import clean_environment
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.core.diff import STORED
from pulumi_sinch.core.inputs import WebhookInputs
from pulumi_sinch.core.settings import ENVIRONMENT, SECRET_SETTINGS
from pulumi_sinch.core.signing_secret import SECRETS
from pulumi_sinch.plugin import schema
from pulumi_sinch.plugin.naming import misspelt
from pulumi_sinch.plugin.properties import PROPERTIES, WEBHOOK
from pulumi_sinch.version import __version__

SCHEMA = schema.read()
RESOURCE = SCHEMA["resources"][WEBHOOK]
FILE = Path(schema.__file__).with_name("schema.json")


def names(keys: Any) -> set[str]:
    return {PROPERTIES.get(key, key) for key in keys}


def secret_ones(properties: dict[str, Any]) -> set[str]:
    return {name for name, described in properties.items() if described.get("secret")}


def test_inputs_and_outputs_are_those_of_the_code() -> None:
    """The schema has the inputs, outputs, secrets and required inputs of the code."""
    assert set(RESOURCE["inputProperties"]) == names(WebhookInputs.model_fields)
    assert set(RESOURCE["properties"]) == names(STORED)
    assert secret_ones(RESOURCE["properties"]) == names(SECRETS)
    assert secret_ones(RESOURCE["inputProperties"]) == {"secret"}
    assert RESOURCE["requiredInputs"] == ["target", "triggers"]
    assert set(RESOURCE["required"]) == names(STORED) - {"secretVersion"}


def test_only_the_project_replaces() -> None:
    """Only a change of the project replaces the resource, as in `diff`."""
    replacing = {name for name, one in RESOURCE["inputProperties"].items() if one.get("willReplaceOnChanges")}
    assert replacing == {"projectId"}


def test_the_defaults_are_those_of_the_code() -> None:
    """Flags default to false. Settings have no default, which would take precedence over the environment."""
    defaults = {n: p["default"] for n, p in RESOURCE["inputProperties"].items() if "default" in p}
    assert defaults == {"adopt": False, "allowUnknownTriggers": False}
    assert not any(
        "default" in p or "defaultInfo" in p for p in SCHEMA["provider"]["inputProperties"].values()
    )


def test_settings_are_those_of_the_code() -> None:
    """Config and explicit provider have the settings of the code, and descriptions name the variables."""
    assert SCHEMA["config"]["variables"] == SCHEMA["provider"]["inputProperties"]
    settings = SCHEMA["config"]["variables"]
    assert set(settings) == set(ENVIRONMENT)
    assert secret_ones(settings) == set(SECRET_SETTINGS)
    for key, variable in ENVIRONMENT.items():
        assert f"`{variable}`" in settings[key]["description"]


def test_triggers_are_those_of_the_code() -> None:
    """The schema has all triggers, each with a name and a description."""
    described = SCHEMA["types"]["sinch:index:Trigger"]["enum"]
    assert [one["value"] for one in described] == [trigger.value for trigger in Trigger]
    assert all(one["name"] and one["description"].endswith(".") for one in described)


def test_everything_has_a_description() -> None:
    """Everything has a description, because Pulumi shows them in editors and in its registry."""
    functions = SCHEMA["functions"].values()
    groups = [RESOURCE["properties"], RESOURCE["inputProperties"], SCHEMA["config"]["variables"]]
    groups += [function[part]["properties"] for function in functions for part in ("inputs", "outputs")]
    assert all(one["description"] for group in groups for one in group.values())
    assert RESOURCE["description"]
    assert all(function["description"] for function in functions)


def test_the_version_is_that_of_the_distribution() -> None:
    """The file has no version: only `version.py` has one."""
    assert SCHEMA["version"] == __version__
    assert '"version"' not in FILE.read_text()


def test_generated_sdks_do_not_collide_with_this_package() -> None:
    """The names of generated SDKs do not collide with this package."""
    assert SCHEMA["language"]["python"]["packageName"] == "pulumi_sinch_sdk"
    assert SCHEMA["language"]["nodejs"]["packageName"] == "@pulumi-sinch/sinch"
    assert SCHEMA["language"]["go"]["importBasePath"] == "github.com/pulumi-sinch/pulumi-sinch/sdk/go/sinch"


def test_every_name_of_python_is_known_to_the_naming() -> None:
    """No property has an underscore, and each property name of Python is known as misspelt."""
    assert not [name for name in (*RESOURCE["properties"], *RESOURCE["inputProperties"]) if "_" in name]
    assert misspelt({"target": 1, "project_id": 1}) == [
        "project_id is not a property of a webhook: did you mean projectId?"
    ]


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the Pulumi CLI")
def test_pulumi_accepts_the_schema() -> None:
    """`pulumi schema check` reports nothing."""
    command = ["pulumi", "schema", "check", str(FILE)]
    environment = clean_environment() | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
