"""Two resources with the same target fail the program on the real engine, before a webhook is created."""

import subprocess
import sys

import pytest
from e2e.harness import COMMAND_TIMEOUT, Stack

TOKEN = "t0ken-in-the-target"
TARGET = f"https://hooks.example.com/sinch?token={TOKEN}"
WEBHOOK = 'SinchWebhook("{}", target={}, triggers=["ALL"]{})\n'
PLAIN = f"{TARGET!r}"

LATE = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Targets(ResourceProvider):
    def create(self, props):
        return CreateResult("target", {**props, "made": props["given"]})

class Target(Resource):
    def __init__(self, name):
        super().__init__(Targets(), name, {"given": TARGET, "made": None})

late = Target("late").made
""".replace("TARGET", PLAIN)


@pytest.mark.parametrize("second", [PLAIN, f"pulumi.Output.secret({PLAIN})"], ids=["plain", "output"])
def test_a_duplicate_fails_the_preview(stack: Stack, second: str) -> None:
    """The error names both resources, without a traceback and without the token in the target."""
    stack.write(WEBHOOK.format("senders", PLAIN, "") + WEBHOOK.format("copies", second, ""))
    shown = stack.preview(fails=True).output
    told = [
        line
        for line in shown.splitlines()
        if "SinchWebhook 'copies' has the same target as 'senders'" in line
    ]
    assert told
    assert all("https://hooks.example.com/sinch?…" in line and TOKEN not in line for line in told)
    assert "error: SinchWebhook 'copies'" in shown
    assert "Traceback" not in shown
    assert stack.calls() == []


def test_a_target_that_is_known_only_in_the_up(stack: Stack) -> None:
    """If the target is only known in `up`, it fails with the same message before the second create."""
    stack.write(LATE + WEBHOOK.format("senders", "late", "") + WEBHOOK.format("copies", "late", ""))
    shown = stack.pulumi("up", "--yes", fails=True).output
    assert "Updating (dev)" in shown, "the preview failed"
    assert "error: SinchWebhook 'copies' has the same target as 'senders'" in shown
    assert len(stack.emulator.webhooks()) <= 1
    assert "POST 409" not in stack.calls()


def test_a_rename_is_no_duplicate(stack: Stack) -> None:
    """A renamed resource may have the target of the old one, because the program counts, not the state."""
    stack.write(WEBHOOK.format("senders", PLAIN, ""))
    stack.up()
    alias = ", opts=ResourceOptions(aliases=[pulumi.Alias(name='senders')])"
    stack.write(WEBHOOK.format("renamed", PLAIN, alias))
    stack.assert_preview_is_empty()


def test_the_conflict_names_the_webhook_of_this_run(stack: Stack) -> None:
    """If only Sinch can detect it, the error says that two resources of the program have the same target."""
    project = f', project_id="{stack.emulator.project_id}", opts=ResourceOptions(depends_on=[first])'
    first = "first = " + WEBHOOK.format("senders", PLAIN, "")
    stack.write(first + WEBHOOK.format("copies", PLAIN, project))
    shown = stack.up(fails=True).output
    (webhook,) = stack.emulator.webhooks()
    assert f"Webhook {webhook.id} of project {webhook.project_id} already has this target" in shown
    assert "Two resources of this program have the same target" in shown
    assert "adopt=True" not in shown
    assert "import-file" not in shown
    assert TOKEN not in shown


AUTOMATION = """
from concurrent.futures import ThreadPoolExecutor
from pulumi import automation
from pulumi_sinch import SinchWebhook

def declare(*names):
    for name in names:
        SinchWebhook(name, target=TARGET, triggers=["ALL"])

def preview(stack, *names):
    program = lambda: declare(*names)
    selected = automation.create_or_select_stack(stack, project_name="inline", program=program)
    try:
        return selected.preview().change_summary
    except automation.CommandError as error:
        return str(error)

with ThreadPoolExecutor(2) as threads:
    print([*threads.map(preview, ("one", "other"), ("senders", "copies"))])
    print("duplicate:", preview("one", "senders", "copies"))
""".replace("TARGET", PLAIN)


def test_stacks_of_one_process_are_not_compared(stack: Stack) -> None:
    """Automation API programs in one process may declare the same target, but not twice in one program."""
    ran = subprocess.run(
        [sys.executable, "-c", AUTOMATION],
        env={**stack.environment, "PYTHONWARNINGS": "ignore"},
        cwd=stack.program_folder,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    apart, _, within = ran.stdout.partition("duplicate:")
    assert apart.count("'create'") + apart.count("OpType.CREATE: 'create'") >= 2, ran.stdout
    assert "has the same target as" not in apart
    assert "SinchWebhook 'copies' has the same target as 'senders'" in within


def test_a_transform_may_make_targets_differ(stack: Stack) -> None:
    """With a transform of the stack, targets are not compared, because the program cannot see its results."""
    stack.write("""
def add_name(args):
    return pulumi.ResourceTransformResult(
        props={**args.props, "target": args.props["target"] + "?name=" + args.name}, opts=args.opts
    ) if "target" in args.props else None

pulumi.runtime.register_resource_transform(add_name)
for name in ("a", "b"):
    SinchWebhook(name, target="https://hooks.example.com/sinch", triggers=["ALL"])
""")
    stack.up()
    assert len(stack.emulator.webhooks()) == 2
