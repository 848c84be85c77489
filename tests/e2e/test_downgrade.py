"""One stack, by turns with the released version 0.1.1 and with today's."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from e2e.harness import Stack
from pulumi_sinch.version import __version__
from wheel_environment import make_wheel_environment

ROOT = Path(__file__).parents[2]
RELEASED = "0.1.1"
IN_WHEEL = ("provider", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")

PROGRAM = """
eu = Provider("eu", project_id={project!r})
SinchWebhook("generated", target="https://hooks.example.com/generated-{turn}", triggers=["ALL"])
SinchWebhook(
    "given",
    target="https://hooks.example.com/given",
    triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.BUNDLE_DONE][{turn} % 2:],
    secret=pulumi.Output.secret("a-sample-secret-of-turn-{turn}"),
)
SinchWebhook("rotated", target="https://hooks.example.com/rotated", triggers=["ALL"], secret_version={turn})
SinchWebhook(
    "elsewhere",
    target="https://hooks.example.com/elsewhere-{turn}",
    triggers=["ALL"],
    opts=ResourceOptions(provider=eu),
)
SinchWebhook("adopted", target="https://hooks.example.com/adopted", triggers=["ALL"], adopt=True)
SinchWebhook.get("existing", {existing!r})
"""
SINCE_THE_UPGRADE = """
since = Provider("since", project_id={project!r})
at = "https://hooks.example.com/since-"
SinchWebhook("since-generated", target=at + "generated", triggers=["ALL"])
given = pulumi.Output.secret("a-sample-secret-since-the-upgrade")
SinchWebhook("since-given", target=at + "given", triggers=["ALL"], secret=given)
SinchWebhook("since-rotated", target=at + "rotated", triggers=["ALL"], secret_version=1)
elsewhere = ResourceOptions(provider=since)
SinchWebhook("since-elsewhere", target=at + "elsewhere", triggers=["ALL"], opts=elsewhere)
SinchWebhook("since-adopted", target=at + "adopted", triggers=["ALL"], adopt=True)
"""
SINCE = {"since-generated", "since-given", "since-rotated", "since-elsewhere"}


@pytest.fixture(scope="session")
def released_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel of the released version, built from the history."""
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(fileobj=io.BytesIO(_git("archive", _commit_of_release(), *IN_WHEEL))) as archive:
        archive.extractall(folder / "source", filter="data")
    return make_wheel_environment(folder / "environment", folder / "source").parent


def _commit_of_release() -> str:
    """Return the first commit that has the version."""
    version_file = "provider/pulumi_sinch/version.py"
    commits = _git("log", "--format=%H", "-S", f'"{RELEASED}"', "--", version_file).decode().split()
    shown = _git("show", f"{commits[-1]}:{version_file}").decode() if commits else ""
    if RELEASED not in shown or _git("rev-parse", "--is-shallow-repository").strip() == b"true":
        pytest.skip(f"this clone is shallow: it lacks the commit of version {RELEASED}")
    return commits[-1]


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True, timeout=60).stdout


def activate(stack: Stack, environment: Path) -> None:
    """Run the following commands in another virtual environment."""
    path = stack.environment["PATH"].partition(os.pathsep)[2]
    stack.environment["PATH"] = f"{environment / 'bin'}{os.pathsep}{path}"
    stack.environment["VIRTUAL_ENV"] = str(environment)


def test_versions_take_turns(stack: Stack, released_environment: Path, wheel_environment: Path) -> None:
    """An upgrade or a downgrade changes nothing. Updates work after it, and so does destroy with 0.1.1.

    The downgrade finds webhooks that 0.1.1 created, and webhooks that today's version created or adopted.
    """
    existing = stack.emulator.create_webhook("https://hooks.example.com/existing")
    for name in ("adopted", "since-adopted"):
        stack.emulator.create_webhook(f"https://hooks.example.com/{name}")
    for turn, environment in enumerate([released_environment, wheel_environment, released_environment]):
        activate(stack, environment)
        if turn:
            stack.assert_preview_is_empty()
            stack.refresh("--expect-no-changes")
        before = {webhook.id: webhook.secret for webhook in stack.emulator.webhooks()}
        version = RELEASED if environment == released_environment else __version__
        program = PROGRAM + (SINCE_THE_UPGRADE if turn else "")
        stack.write(program.format(turn=turn, project=stack.emulator.project_id, existing=existing.id))
        stack.up()
        after = {webhook.target.rpartition("/")[2]: webhook for webhook in stack.emulator.webhooks()}
        unchanged = {f"generated-{turn}", f"elsewhere-{turn}", "adopted", "since-adopted", "existing"}
        assert {*after} == {*unchanged, "given", "rotated"} | (SINCE if turn else set())
        assert stack.emulator.journal.entries()[-1].user_agent == f"pulumi-sinch/{version}"
        assert after["given"].secret == f"a-sample-secret-of-turn-{turn}"
        if turn:
            new = {after[name].id for name in SINCE} if turn == 1 else set()
            assert {webhook.id for webhook in after.values()} == {*before} | new
            kept = {name for name, webhook in after.items() if before.get(webhook.id) == webhook.secret}
            assert kept == unchanged | (SINCE if turn == 2 else set())
    stack.assert_preview_is_empty("--refresh")
    stack.destroy()
    assert stack.emulator.webhooks() == [existing]
