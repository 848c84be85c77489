import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from pulumi_sinch import SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli import main
from pulumi_sinch.cli.import_file.selection import choose, secrets_of
from pulumi_sinch.cli.import_file.writer import write_files
from pulumi_sinch.emulator import Emulator
from unit.cli.fake_pulumi import FakePulumi

ONE = Webhook(id="1", target="https://one.example/?token=t0k3n")
TWO = Webhook(id="2", target="https://two.example")


def test_all_webhooks_or_those_that_are_named() -> None:
    """Webhooks are chosen by equivalent target and by id, each once. Without a choice all are imported."""
    assert choose([ONE, TWO], [], []) == [ONE, TWO]
    assert choose([ONE, TWO], ["https://TWO.example:443/"], ["2"]) == [TWO]
    assert choose([ONE, TWO], [TWO.target], ["1"]) == [ONE, TWO]


def test_a_webhook_that_is_not_there_is_named_without_its_credentials() -> None:
    """The error for a missing webhook redacts targets and shows ids."""
    with pytest.raises(SinchError) as caught:
        choose([ONE], ["https://three.example/?token=t0k3n"], ["9"])
    assert "https://three.example/?…, 9" in str(caught.value)
    assert "t0k3n" not in str(caught.value)


def test_a_secret_for_all_or_for_one() -> None:
    """`NAME=VARIABLE` takes precedence over `VARIABLE`, in any order. Without either there are no secrets."""
    environment = {"A": "for all", "B": "for one"}
    assert secrets_of(["x", "y"], ["y=B", "A"], environment) == {"x": "for all", "y": "for one"}
    assert secrets_of(["x", "y"], ["y=B"], environment) == {"y": "for one"}
    assert secrets_of(["x", "y"], [], environment) == {}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("MISSING", "variable MISSING must contain a secret of 1 to 128 characters"),
        ("LONG", "variable LONG must contain"),
        ("z=A", "No webhook of this import has the name z\nThe names of the webhooks are: x"),
    ],
)
def test_a_secret_that_cannot_be_is_refused(assignment: str, message: str) -> None:
    """The error for an invalid secret names the variable or the webhook, never the value."""
    with pytest.raises(SinchError) as caught:
        secrets_of(["x"], [assignment], {"A": "a", "LONG": "v" * 129})
    assert message in str(caught.value)
    assert "vvv" not in str(caught.value)


def test_nothing_is_replaced_without_force(tmp_path: Path) -> None:
    """An existing file stops both writes. With `force` both are replaced, one of them private."""
    private, public = tmp_path / "a.json", tmp_path / "b.py"
    public.write_text("mine")
    with pytest.raises(SinchError, match=r"b\.py already exists"):
        write_files({private: "1", public: "2"}, private=private, force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["b.py"]
    assert public.read_text() == "mine"
    private.touch(0o644)
    write_files({private: "1", public: "2"}, private=private, force=True)
    assert (private.read_text(), public.read_text()) == ("1", "2")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "b.py"}


def test_import_file_writes_both_and_prints_the_next_commands(
    folder: Path, sinch_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Targets and secrets are in the files, not in the output. A second run needs --force."""
    sinch_emulator.create_webhook("https://hooks.example.com/?token=t0k3n")
    monkeypatch.setenv("RECEIVER", "s3cret-of-the-receiver")
    arguments = ["import-file", "--secret-env", "hooks_example_com=RECEIVER"]
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 0, ran.output
    assert "t0k3n" not in ran.output
    assert "s3cret" not in ran.output
    assert ran.output.endswith(
        "Run next:\n"
        "  pulumi import --file import.json --generate-code=false --protect=false\n"
        "  pulumi preview --diff\n"
    )
    assert "s3cret-of-the-receiver" in (folder / "import.json").read_text()
    assert "t0k3n" in (folder / "webhooks.py").read_text()
    assert "s3cret" not in (folder / "webhooks.py").read_text()
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 1
    assert "import.json and webhooks.py already exist" in again.output
    assert CliRunner().invoke(main, [*arguments, "--force"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "has no webhooks"),
        (["--program", "my-hooks.py"], "is not a valid name for a Python module"),
        (["--program", "class.py"], "is not a valid name for a Python module"),
        (["--program", "hooks.py", "--out", "./hooks.py"], "must be two different files"),
        (["--provider", "eu"], "URN"),
        (["--project", "../x"], "The project id can contain only"),
        (["--project", "unknown"], "unauthorized_error"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_imported_is_said_in_a_sentence(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    """An import that is not possible exits with status 1 and a sentence, and writes nothing."""
    ran = CliRunner().invoke(main, ["import-file", *arguments])
    assert ran.exit_code == 1
    assert message in ran.output
    assert [*tmp_path.iterdir()] == []


def test_the_route_of_the_plugin_gets_a_file_of_ids(folder: Path, sinch_emulator: Emulator) -> None:
    """With --route plugin, the file has only ids, and no program is written. `pulumi import` generates it."""
    webhook = sinch_emulator.create_webhook("https://hooks.example.com/sinch?token=t0k3n")
    result = CliRunner().invoke(main, ["import-file", "--route", "plugin"])
    assert result.exit_code == 0, result.output
    assert json.loads((folder / "import.json").read_text()) == {
        "nameTable": {},
        "resources": [
            {
                "type": "sinch:index:Webhook",
                "name": "hooks_example_com_sinch",
                "id": f"{sinch_emulator.project_id}/{webhook.id}",
            }
        ],
    }
    assert [path.name for path in folder.iterdir()] == ["import.json"]
    assert "pulumi import --file import.json --protect=false" in result.output
    assert "t0k3n" not in result.output


def test_the_report_fits_into_80_columns(folder: Path, sinch_emulator: Emulator) -> None:  # noqa: ARG001 - sets up
    """No line with the name or the id of a webhook is longer than 80 columns."""
    host = f"{'a' * 60}.example.com"
    made = sinch_emulator.create_webhook(f"https://{host}/{'long-path/' * 30}")
    report = CliRunner().invoke(main, ["import-file"]).output.partition("Wrote")[0]
    others = [line for line in report.splitlines() if not line.startswith("    target")]
    assert f"    id      {made.id}" in others
    assert max(map(len, others)) <= 80


def test_a_stack_that_is_named_is_in_the_next_commands(
    folder: Path, sinch_emulator: Emulator, fake_pulumi: FakePulumi
) -> None:
    """With --stack, project and credentials come from its config, and the program names no project."""
    sinch_emulator.create_webhook("https://hooks.example.com/")
    fake_pulumi.prints_config({"sinch:projectId": sinch_emulator.project_id})
    ran = CliRunner().invoke(main, ["import-file", "--stack", "prod"])
    assert ran.exit_code == 0, ran.output
    assert ran.output.endswith(
        "  pulumi import --file import.json --generate-code=false --protect=false --stack prod\n"
        "  pulumi preview --diff --stack prod\n"
    )
    assert "project_id" not in (folder / "webhooks.py").read_text()


def test_an_explicit_provider_of_the_plugin_is_named_by_its_urn(
    folder: Path, sinch_emulator: Emulator
) -> None:
    """With --route plugin, a provider of the other route is rejected."""
    sinch_emulator.create_webhook("https://hooks.example.com/")
    urn = "urn:pulumi:dev::shop::pulumi:providers:sinch::eu"
    arguments = ["import-file", "--route", "plugin", "--provider"]
    assert CliRunner().invoke(main, [*arguments, urn]).exit_code == 0
    document = json.loads((folder / "import.json").read_text())
    assert document["nameTable"] == {"eu": urn}
    assert document["resources"][0]["provider"] == "eu"
    rejected = CliRunner().invoke(main, [*arguments, urn.replace(":sinch:", ":pulumi-python:")])
    assert "urn:pulumi:dev::shop::pulumi:providers:sinch::eu" in rejected.output


@pytest.mark.parametrize("option", ["--program", "--secret-env"])
def test_options_of_the_other_route_are_rejected(folder: Path, option: str) -> None:
    """With --route plugin, --program and --secret-env are rejected."""
    result = CliRunner().invoke(main, ["import-file", "--route", "plugin", option, "x.py"])
    assert "have no effect with --route plugin" in result.output
    assert not [*folder.iterdir()]
