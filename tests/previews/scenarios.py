"""Changes of a stack for the review comment: the program before and after, and events outside Pulumi.

`make record-previews` records the preview of each scenario, and the effects of `pulumi up` at the emulator.

Programs are templates. ``NAME`` is the name of the resource, ``OTHER`` another Sinch project, ``THEIRS`` the
id of a webhook that no stack manages, ``OURS`` the id of the deployed resource.
"""

from dataclasses import dataclass

HOST = "https://hooks.example.com"
OTHER_PROJECT = "0c4f5f5e-52a1-4b0d-8b8e-1f3f0c3b7a11"


@dataclass(frozen=True)
class Scenario:
    """One change of a stack.

    Attributes:
        name: Name of the scenario and of its resource.
        before: The deployed program.
        after: The program of the preview and of the `pulumi up` after it.
        options: Options of both commands. ``URN`` stands for the beginning of the URN of a webhook.
        outside: Event outside Pulumi between the deployment and the preview, a name in `EVENTS`.
        fails: Whether the preview has to fail.
        interrupted: Whether the preview is interrupted while the program runs.
        imports: Whether the scenario needs a plugin host that accepts imports, which the dynamic route
            rejects.
        show_steps: Whether the preview runs with ``--show-replacement-steps``.
    """

    name: str
    after: str
    before: str = ""
    options: tuple[str, ...] = ()
    outside: str = ""
    fails: bool = False
    interrupted: bool = False
    imports: bool = False
    show_steps: bool = True

    def program(self, text: str, theirs: str, ours: str) -> str:
        """Fill in the template."""
        values = {"NAME": self.name, "OTHER": OTHER_PROJECT, "THEIRS": theirs, "OURS": ours}
        for key, value in values.items():
            text = text.replace(key, value)
        return text


def hook(
    *more: str,
    kind: str = "SinchWebhook",
    name: str = "NAME",
    path: str = "NAME",
    triggers: str = "ALL",
    opts: str = "",
) -> str:
    arguments = [f'"{name}"', f'target="{HOST}/{path}"', f'triggers=["{triggers}"]', *more]
    if opts:
        arguments.append(f"opts=ResourceOptions({opts})")
    return f"webhook = {kind}({', '.join(arguments)})\n"


def lookup(webhook_id: str = "THEIRS", name: str = "NAME") -> str:
    return f'SinchWebhook.get("{name}", "{webhook_id}")\n'


IN_OTHER_PROJECT = 'project_id="OTHER"'
ADOPTING = hook("adopt=True", path="NAME-theirs")
SUBCLASS = 'class MyHook(SinchWebhook, module="shop", name="Hook"):\n    pass\n\n'
COMPONENT = """
class Team(pulumi.ComponentResource):
    def __init__(self, name, **inputs):
        super().__init__("shop:index:Team", name)
        opts = ResourceOptions(parent=self)
        SinchWebhook("NAME", target=f"https://hooks.example.com/NAME", opts=opts, **inputs)

"""
PROVIDER = 'eu = Provider("NAME-eu", project_id="OTHER")\n'
# The project of the provider depends on a webhook that the same run creates.
UNKNOWN_PROVIDER = (
    hook(name="NAME-new", path="NAME-new")
    + 'eu = Provider("NAME-eu", project_id=webhook.id.apply(lambda id: "OTHER"))\n'
)
OWN_PROVIDER = 'import os\neu = Provider("NAME-eu", project_id=os.environ["SINCH_PROJECT_ID"])\n'
BY_EU = "provider=eu"
IMPORTED = """
from pulumi.dynamic import Resource
from pulumi_sinch.provider import SinchWebhookProvider

class Imported(Resource, module="sinch", name="Webhook"):
    def __init__(self, name, **options):
        target = "https://hooks.example.com/NAME-theirs"
        props = dict(target=target, triggers=["ALL"], secret=None, previous_secret=None)
        super().__init__(SinchWebhookProvider(), name, props, ResourceOptions(import_="THEIRS", **options))

Imported("NAME")
"""
WAITING = 'import pathlib, time\npathlib.Path("waiting").touch()\ntime.sleep(600)\n'

OPERATIONS = [
    Scenario("create", hook()),
    Scenario("same", hook(), before=hook()),
    Scenario("update", hook(triggers="BUNDLE_DONE"), before=hook()),
    Scenario("update-target", hook(path="NAME?token=2"), before=hook(path="NAME?token=1")),
    Scenario("rotate", hook("secret_version=2"), before=hook()),
    Scenario("replace", hook(IN_OTHER_PROJECT), before=hook()),
    Scenario(
        "replace-in-place",
        hook(triggers="BUNDLE_DONE", opts='replace_on_changes=["triggers"]'),
        before=hook(),
    ),
    Scenario(
        "delete-before-replace",
        hook(IN_OTHER_PROJECT, opts="delete_before_replace=True"),
        before=hook(opts="delete_before_replace=True"),
    ),
    Scenario("delete", "", before=hook()),
    Scenario("rename", hook(name="NAME-2", path="NAME-2"), before=hook()),
    Scenario("alias", hook(name="NAME-2", opts='aliases=[pulumi.Alias(name="NAME")]'), before=hook()),
    Scenario("read", lookup()),
    Scenario("read-same", lookup(), before=lookup()),
    Scenario(
        "read-replacement",
        hook(name="NAME-2", path="NAME-2") + lookup("OURS"),
        before=hook(name="NAME-2", path="NAME-2") + lookup(),
    ),
    Scenario("discard", "", before=lookup()),
    Scenario("managed-to-lookup", lookup(), before=hook()),
    Scenario("managed-to-own-lookup", lookup("OURS"), before=hook()),
    Scenario("lookup-to-managed", hook(), before=lookup()),
    Scenario("lookup-to-adopted", ADOPTING, before=lookup()),
    Scenario("adopt", ADOPTING),
    Scenario("adopt-nothing", hook("adopt=True")),
    Scenario("adopt-rename", hook("adopt=True", name="NAME-2"), before=hook()),
    Scenario(
        "adopt-replace",
        hook("adopt=True", IN_OTHER_PROJECT, path="NAME-there"),
        before=hook("adopt=True"),
    ),
    Scenario("retained-delete", "", before=hook(opts="retain_on_delete=True")),
    Scenario(
        "retained-replace",
        hook(IN_OTHER_PROJECT, opts="retain_on_delete=True"),
        before=hook(opts="retain_on_delete=True"),
    ),
    Scenario("protected-delete", "", before=hook(opts="protect=True"), fails=True),
    Scenario(
        "protected-replace",
        hook(IN_OTHER_PROJECT, opts="protect=True"),
        before=hook(opts="protect=True"),
        fails=True,
    ),
    Scenario("subclass-create", SUBCLASS + hook(kind="MyHook")),
    Scenario(
        "subclass-update",
        SUBCLASS + hook(kind="MyHook", path="NAME-2"),
        before=SUBCLASS + hook(kind="MyHook"),
    ),
    Scenario(
        "subclass-replace",
        SUBCLASS + hook(IN_OTHER_PROJECT, kind="MyHook"),
        before=SUBCLASS + hook(kind="MyHook"),
    ),
    Scenario("subclass-delete", "", before=SUBCLASS + hook(kind="MyHook")),
    Scenario("becomes-subclass", SUBCLASS + hook(kind="MyHook", path="NAME-2"), before=hook()),
    Scenario("component-create", COMPONENT + 'Team("NAME-team", triggers=["ALL"])\n'),
    Scenario(
        "component-replace",
        COMPONENT + 'Team("NAME-team", triggers=["ALL"], project_id="OTHER")\n',
        before=COMPONENT + 'Team("NAME-team", triggers=["ALL"])\n',
    ),
    Scenario("component-delete", "", before=COMPONENT + 'Team("NAME-team", triggers=["ALL"])\n'),
    Scenario("provider-create", PROVIDER + hook(opts=BY_EU)),
    Scenario("provider-move", PROVIDER + hook(opts=BY_EU), before=hook()),
    Scenario("provider-delete", "", before=PROVIDER + hook(opts=BY_EU)),
    Scenario("provider-unknown-create", UNKNOWN_PROVIDER + hook(opts=BY_EU)),
    Scenario(
        "provider-unknown-replace",
        UNKNOWN_PROVIDER + hook(opts=BY_EU),
        before=OWN_PROVIDER + hook(opts=BY_EU),
    ),
    Scenario(
        "provider-unknown-adopt",
        UNKNOWN_PROVIDER + hook("adopt=True", path="NAME-there", opts=BY_EU),
    ),
    Scenario("provider-unknown-delete", UNKNOWN_PROVIDER, before=OWN_PROVIDER + hook(opts=BY_EU)),
    Scenario(
        "unknown-target",
        hook(name="NAME-new", path="NAME-new")
        + 'target = pulumi.Output.concat("https://hooks.example.com/", webhook.id)\n'
        + 'SinchWebhook("NAME", target=target, triggers=["ALL"])\n',
        before=hook(),
    ),
    Scenario(
        "unknown-project",
        hook(name="NAME-new", path="NAME-new") + hook('project_id=webhook.id.apply(lambda id: "OTHER")'),
        before=hook(),
    ),
    Scenario(
        "replace-with",
        hook("project_id='OTHER'", name="NAME-2", path="NAME-2")
        + hook(opts="delete_before_replace=True, replace_with=[webhook]"),
        before=hook(name="NAME-2", path="NAME-2") + hook(opts="delete_before_replace=True"),
    ),
]

OPTIONS = [
    Scenario("replace-without-steps", hook(IN_OTHER_PROJECT), before=hook(), show_steps=False),
    Scenario("managed-to-lookup-without-steps", lookup(), before=hook(), show_steps=False),
    Scenario("refresh-same", hook(), before=hook(), options=("--refresh",)),
    Scenario("refresh-drift", hook(), before=hook(), options=("--refresh",), outside="change"),
    Scenario("refresh-gone", hook(), before=hook(), options=("--refresh",), outside="delete"),
    Scenario("refresh-gone-removed", "", before=hook(), options=("--refresh",), outside="delete"),
    Scenario("refresh-drift-removed", "", before=hook(), options=("--refresh",), outside="change"),
    Scenario(
        "refresh-drift-replace",
        hook(IN_OTHER_PROJECT),
        before=hook(),
        options=("--refresh",),
        outside="change",
    ),
    Scenario(
        "refresh-gone-replace",
        hook(IN_OTHER_PROJECT),
        before=hook(),
        options=("--refresh",),
        outside="delete",
    ),
    Scenario(
        "refresh-lookup-gone",
        lookup(),
        before=lookup(),
        options=("--refresh",),
        outside="delete theirs",
        fails=True,
    ),
    Scenario("refresh-adopt", ADOPTING, options=("--refresh",)),
    Scenario("left-over-deletion", hook(), before=hook(), outside="interrupted replacement"),
    Scenario(
        "refresh-left-over-deletion",
        hook(),
        before=hook(),
        options=("--refresh",),
        outside="interrupted replacement",
    ),
    Scenario("left-over-deletion-removed", "", before=hook(), outside="interrupted replacement"),
    Scenario(
        "refresh-left-over-deletion-removed",
        "",
        before=hook(),
        options=("--refresh",),
        outside="interrupted replacement",
    ),
    Scenario(
        "refresh-left-over-deletion-replace",
        hook(IN_OTHER_PROJECT),
        before=hook(),
        options=("--refresh",),
        outside="interrupted replacement",
    ),
    Scenario("left-over-creation", hook(), before=hook(), outside="interrupted deletion before replacement"),
    Scenario("target", hook(triggers="BUNDLE_DONE"), before=hook(), options=("--target", "URNtarget")),
    Scenario("target-delete", "", before=hook(), options=("--target", "URNtarget-delete")),
    Scenario(
        "target-replace",
        hook(IN_OTHER_PROJECT),
        before=hook(),
        options=("--target-replace", "URNtarget-replace"),
    ),
    Scenario(
        "replace-option",
        hook(opts="delete_before_replace=True"),
        before=hook(opts="delete_before_replace=True"),
        options=("--replace", "URNreplace-option"),
    ),
    Scenario(
        "taint",
        hook(opts="delete_before_replace=True"),
        before=hook(opts="delete_before_replace=True"),
        outside="taint",
    ),
]

FAILURES = [
    Scenario("failed-check", hook(path="NAME b"), before=hook(), fails=True),
    Scenario(
        "failed-program", hook(IN_OTHER_PROJECT) + 'raise Exception("broken")\n', before=hook(), fails=True
    ),
    Scenario("interrupted", WAITING, before=hook(), fails=True, interrupted=True),
]

IMPORTS = [
    Scenario("import", IMPORTED, imports=True),
    Scenario(
        "import-replacement",
        IMPORTED,
        before=hook(),
        imports=True,
    ),
]

SCENARIOS = [*OPERATIONS, *OPTIONS, *FAILURES, *IMPORTS]
