"""`pulumi-sinch preview-redact`: JSON for artifacts that results in the same comment."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pulumi_sinch.cli import main
from pulumi_sinch.cli.preview_comment import has_change, parse, render
from pulumi_sinch.cli.preview_comment.redacted_json import redact
from unit.cli.preview_comment.documents import HERE, REFRESHED, SECRET, inputs, output, step

PRIVATE = ("t0ken", "passw0rd", "key=abc", "sample-secret", "gASV")


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
def test_the_comment_is_the_same(path: Path) -> None:
    """The comment on the redacted preview is the same, and the file contains nothing private."""
    text = path.read_text("utf-8")
    redacted = redact(text)
    assert render([parse("dev", redacted)]) == render([parse("dev", text)])
    assert not [private for private in PRIVATE if private in redacted]


def test_targets_with_other_credentials_stay_different() -> None:
    """A change of only the hidden part of a target is still a change, also as drift."""
    one, two = inputs("https://u:pa55@h.example/a?key=1"), inputs("https://u:pa55@h.example/a?key=2")
    text = output(
        step("update", old=one, new=two, diffReasons=["target"]),
        step("refresh", "drifted", old=one, new=one),
        step("same", "drifted", old=two, new=two),
    )
    redacted = redact(text)
    assert "pa55" not in redacted
    assert "key=" not in redacted
    assert has_change([parse("dev", redacted)], ["drift"])
    assert render([parse("dev", redacted)]).count("(only the hidden part of the URL differs)") == 2


def test_secrets_and_other_resources_are_left_out() -> None:
    """No part of the file contains a secret. Other resources are only URN and operation."""
    text = output(
        step(
            "update",
            old=inputs(secret="plain-s3cret"),
            new=inputs(secret={**SECRET, "plaintext": '"wrapped-s3cret"'}, triggers=("wrapped-s3cret",)),
            detailedDiff={"secret": {"inputDiff": True}},
        ),
        step(
            "create", "bucket", kind="aws:s3/bucket:Bucket", new={"policy": "their-policy"}, diffReasons=["x"]
        ),
        diagnostics=[{"severity": "warning", "message": "plain-s3cret and tok-123456789"}],
    )
    redacted = redact(text, hide=["tok-123456789"])
    for private in ("plain-s3cret", "wrapped-s3cret", "their-policy", "tok-123456789"):
        assert private not in redacted
    bucket = json.loads(redacted)["steps"][1]
    assert bucket == {
        "op": "create",
        "urn": "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::bucket",
        "newState": {},
    }
    assert has_change([parse("dev", redacted)], ["rotate"])


def test_the_command(tmp_path: Path) -> None:
    """The command reads a file or standard input, hides tokens of the environment, and writes or prints."""
    preview, out = tmp_path / "prod.json", tmp_path / "redacted.json"
    preview.write_text(output(REFRESHED, diagnostics=[{"severity": "warning", "message": "tok-123456789"}]))
    runner = CliRunner(env={"SINCH_ACCESS_TOKEN": "tok-123456789"})
    assert runner.invoke(main, ["preview-redact", str(preview), "--out", str(out)]).exit_code == 0
    printed = runner.invoke(main, ["preview-redact", "-"], input=preview.read_bytes())
    assert printed.stdout == out.read_text("utf-8")
    assert "[hidden]" in printed.stdout
    assert "tok-123456789" not in printed.stdout
    missing = runner.invoke(main, ["preview-redact", "/nowhere/prod.json"])
    assert (missing.exit_code, "/nowhere/prod.json cannot be read" in missing.stderr) == (2, True)


def test_a_preview_that_never_ran_stays_a_failed_one() -> None:
    """A preview that never ran stays a failed one, with the CLI's own error."""
    assert parse("dev", redact("")).failed
    shown = render([parse("dev", redact("error: no stack named 'dev' found\n"))])
    assert "error: no stack named" in shown
