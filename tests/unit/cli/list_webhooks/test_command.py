import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pulumi_sinch.cli import main
from pulumi_sinch.emulator import Emulator
from unit.cli.fake_pulumi import FakePulumi


@pytest.mark.usefixtures("folder")
def test_list_shows_people_no_credentials_and_scripts_everything(sinch_emulator: Emulator) -> None:
    """Without a terminal, each webhook is a line with a redacted target. --json shows it in full."""
    made = sinch_emulator.create_webhook("https://u:p4ss@h.example/[x]?token=t0k3n", ["ALL", "NEW_ONE"])
    printed = CliRunner().invoke(main, ["list"])
    assert printed.output == f"{made.id}\thttps://…@h.example/[x]?…\tALL,NEW_ONE\n"
    listed = CliRunner().invoke(main, ["list", "--json", "--project", sinch_emulator.project_id])
    assert json.loads(listed.output) == {
        "project_id": sinch_emulator.project_id,
        "quota": {"used": 1, "limit": 15},
        "webhooks": [
            {
                "id": made.id,
                "target": made.target,
                "triggers": ["ALL", "NEW_ONE"],
                "project_id": sinch_emulator.project_id,
            }
        ],
    }


@pytest.mark.usefixtures("folder")
def test_verbose_shows_each_request(sinch_emulator: Emulator) -> None:
    """`--verbose` prints one line per HTTP request on stderr, without secrets. Other commands print none."""
    ran = CliRunner().invoke(main, ["--verbose", "list"])
    shown = re.sub(r"\d+ ms", "… ms", ran.stderr)
    assert shown == (
        "debug: POST /oauth2/token: HTTP 200 in … ms (attempt 1 of 4)\n"
        f"debug: GET /v1/projects/{sinch_emulator.project_id}/webhooks: HTTP 200 in … ms (attempt 1 of 4)\n"
    )
    assert CliRunner().invoke(main, ["list"]).stderr == ""


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("SINCH_PROJECT_ID", "give --project or --stack, or set SINCH_PROJECT_ID"),
        ("SINCH_KEY_SECRET", "set SINCH_KEY_ID and SINCH_KEY_SECRET, or SINCH_ACCESS_TOKEN"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_missing_in_the_environment_is_named(
    missing: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --stack, the error gives no advice about the config of a stack."""
    monkeypatch.delenv(missing)
    ran = CliRunner().invoke(main, ["list"])
    assert ran.exit_code == 1
    assert message in ran.output
    assert "pulumi config set" not in ran.output


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SINCH_TIMEOUT", "soon", "Error: SINCH_TIMEOUT must be a number of seconds above 0, at most 3600\n"),
        (
            "SINCH_KEY_SECRET",
            "wrong",
            "Sinch rejects the access key: check SINCH_KEY_ID and SINCH_KEY_SECRET.",
        ),
        ("SINCH_PROJECT_ID", "other", "project other: check --project or SINCH_PROJECT_ID."),
        (
            "SINCH_API_URL",
            "http://127.0.0.1:1",
            "Check the network, proxy settings, SINCH_API_URL and SINCH_AUTH_URL",
        ),
    ],
)
@pytest.mark.usefixtures("folder")
def test_errors_name_the_environment_variables(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --stack, an error names no config key, because the command reads none."""
    monkeypatch.setenv(name, value)
    ran = CliRunner().invoke(main, ["list"])
    assert ran.exit_code == 1
    assert message in ran.output
    assert "sinch:" not in ran.output


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sinch:timeout": "soon"}, "sinch:timeout (SINCH_TIMEOUT) must be a number of seconds"),
        (
            {"sinch:projectId": "other"},
            "project other: check --project or sinch:projectId (SINCH_PROJECT_ID).",
        ),
        ({"sinch:keySecret": "s"}, "are missing: set sinch:keyId (SINCH_KEY_ID)\nRun `pulumi config set"),
        ({"sinch:keyId": "i"}, "set sinch:keySecret (SINCH_KEY_SECRET)\nRun `pulumi config set --secret"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_errors_name_the_config_of_the_stack(
    config: dict[str, str], message: str, fake_pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --stack, an error names the config key and the variable, because the command reads both."""
    if "sinch:keyId" in config:
        monkeypatch.delenv("SINCH_KEY_SECRET")
    fake_pulumi.prints_config(config)
    ran = CliRunner().invoke(main, ["list", "--stack", "prod"])
    assert ran.exit_code == 1
    assert message in ran.output
    assert "only with --stack" not in ran.output


@pytest.mark.usefixtures("folder")
def test_a_missing_project_of_the_stack_is_named(
    fake_pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error does not ask for --stack, which is given."""
    monkeypatch.delenv("SINCH_PROJECT_ID")
    fake_pulumi.prints_config({})
    ran = CliRunner().invoke(main, ["list", "--stack", "prod"])
    assert "The project is missing: give --project, or set sinch:projectId (SINCH_PROJECT_ID)\n" in ran.output


@pytest.mark.usefixtures("folder")
def test_no_webhooks_are_no_lines() -> None:
    """Without webhooks, no lines are printed, so that scripts can count lines."""
    assert CliRunner().invoke(main, ["list"]).output == ""


@pytest.mark.usefixtures("folder")
def test_a_terminal_gets_a_paragraph_per_webhook(sinch_emulator: Emulator) -> None:
    """A terminal gets one paragraph per webhook within 80 columns, and the quota in the first line."""
    longest = "RCS_BRAND_REGISTRATION_PROCESS_STATUS_UPDATED"
    made = sinch_emulator.create_webhook("https://hooks.example.com/?token=t0k3n", [longest, "BUNDLE_DONE"])
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("pulumi-sinch")), "list"]
    subprocess.run(command, stdout=theirs, check=True, timeout=60)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = terminal.read(100_000).decode().replace("\r\n", "\n")
    assert shown == (
        f"Project {sinch_emulator.project_id}: 1 of 15 webhooks\n\n"
        f"{made.id}\n"
        "  target    https://hooks.example.com/?…\n"
        "  triggers  BUNDLE_DONE\n"
        f"            {longest}\n"
    )
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.usefixtures("folder")
def test_a_stack_gives_project_and_credentials(
    sinch_emulator: Emulator, fake_pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The config of a stack takes precedence, and the environment is the fallback."""
    made = sinch_emulator.create_webhook("https://hooks.example.com/")
    monkeypatch.setenv("SINCH_PROJECT_ID", "another-project")
    for name in ("SINCH_KEY_ID", "SINCH_KEY_SECRET"):
        monkeypatch.delenv(name)
    fake_pulumi.prints_config(
        {
            "sinch:projectId": sinch_emulator.project_id,
            "sinch:keyId": sinch_emulator.key_id,
            "sinch:keySecret": sinch_emulator.key_secret,
            "shop:other": "x",
        }
    )
    assert made.id in CliRunner().invoke(main, ["list", "--stack", "prod"]).output
    assert fake_pulumi.arguments() == "config --stack=prod --show-secrets --json --non-interactive"


@pytest.mark.usefixtures("folder")
def test_a_misspelt_setting_of_the_stack_is_named(fake_pulumi: FakePulumi) -> None:
    """A misspelt setting of the stack is named, and nothing is sent."""
    fake_pulumi.prints_config({"sinch:project": "p"})
    ran = CliRunner().invoke(main, ["list", "--stack", "prod"])
    assert ran.exit_code == 1
    assert (
        "The config of stack prod has an unknown setting `sinch:project`, did you mean `sinch:projectId`?"
        in ran.output
    )
