"""Fetch the webhooks of a project for a command. Credentials are in the stack's config or the environment."""

from pulumi_sinch.api.errors import SettingsError, SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.stack_config import read_stack_config
from pulumi_sinch.core.inputs import PROJECT_ID
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.redaction import sanitize


def read_settings(stack: str | None) -> Settings:
    """Read the provider's settings from the config of a stack, and from the environment.

    The config takes precedence. If `stack` is None, only the environment is read.

    Raises:
        SinchError: The config of the stack cannot be read, or has a misspelt setting.
    """
    if stack is None:
        return Settings.read(None)
    config = read_stack_config(stack)
    settings = Settings.read(config.get, keys=config)
    if settings.misspelt:
        raise SettingsError(f"The config of stack {sanitize(stack)} has an {'; '.join(settings.misspelt)}")
    return settings


def choose_project(settings: Settings, project_id: str | None) -> str:
    """Return `project_id` if it is given, otherwise the project id of the settings.

    Raises:
        SettingsError: Neither `project_id` nor the settings contain a project id, or the id is invalid.
    """
    chosen = project_id or settings.project_id or settings.environment_project_id
    if not chosen:
        options = "--project" if settings.has_config else "--project or --stack"
        raise SettingsError(f"The project is missing: give {options}, or set {settings.name('projectId')}")
    if not PROJECT_ID.fullmatch(chosen):
        raise SettingsError(
            "The project id can contain only letters, digits, hyphens and underscores: give the "
            "project's id, not its name"
        )
    return chosen


def fetch_webhooks(settings: Settings, project_id: str) -> list[Webhook]:
    """Return all webhooks of a project at Sinch, ordered by target.

    Raises:
        SinchError: Credentials are missing, or the request failed. The hint of the error says what to do.
    """
    if not (settings.problems or settings.can_authenticate):
        raise _missing_credentials(settings)
    try:
        with open_operation("list", settings, {}, project_id=project_id) as at_sinch:
            webhooks = at_sinch.cache.webhooks(at_sinch.deadline, max_age=0)
    except SinchError as error:
        # The hint is written for programs, which set `project_id`. Commands have the option --project.
        error.hint = error.hint.replace("check project_id or", "check --project or")
        raise
    return sorted(webhooks.values(), key=lambda webhook: (webhook.target, webhook.id))


def _missing_credentials(settings: Settings) -> SettingsError:
    if not settings.has_config:
        key = f"{settings.name('keyId')} and {settings.name('keySecret')}"
        return SettingsError(
            f"Sinch credentials are missing: set {key}, or {settings.name('accessToken')}",
            hint="This command reads the config of a stack only with --stack.",
        )
    commands = {
        "keyId": "" if settings.key_id else "`pulumi config set sinch:keyId …`",
        "keySecret": "" if settings.key_secret else "`pulumi config set --secret sinch:keySecret …`",
    }
    missing = {key: command for key, command in commands.items() if command}
    return SettingsError(
        f"Sinch credentials are missing: set {' and '.join(map(settings.name, missing))}",
        hint=f"Run {' and '.join(missing.values())} for this stack, or set the environment variables.",
    )
