"""Fetch the webhooks of a project for a command, with the credentials of a stack or of the environment."""

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.stack_config import read_stack_config
from pulumi_sinch.core.inputs import PROJECT_ID
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.redaction import sanitize


def read_settings(stack: str | None) -> Settings:
    """Read the settings of a stack, with the environment as fallback. Without a stack, only the environment.

    Raises:
        SinchError: The config of the stack cannot be read, or has a misspelt setting.
    """
    if stack is None:
        return Settings.read(lambda _: None)
    config = read_stack_config(stack)
    settings = Settings.read(config.get, keys=config)
    if settings.misspelt:
        raise SettingsError(f"The config of stack {sanitize(stack)} has an {'; '.join(settings.misspelt)}")
    return settings


def choose_project(settings: Settings, project_id: str | None) -> str:
    """Return the given project, or the project of the settings.

    Raises:
        SettingsError: Neither is set, or the project id is invalid.
    """
    chosen = project_id or settings.project_id or settings.environment_project_id
    if not chosen:
        raise SettingsError(
            f"The project is missing: give --project or --stack, or set {ENVIRONMENT['projectId']}"
        )
    if not PROJECT_ID.fullmatch(chosen):
        raise SettingsError(
            "The project id may hold only letters, digits, hyphens and underscores; it is not its name"
        )
    return chosen


def fetch_webhooks(settings: Settings, project_id: str) -> list[Webhook]:
    """Return all webhooks of a project at Sinch, ordered by target.

    Raises:
        SinchError: The request failed. The hint names the next step.
    """
    if not (settings.problems or settings.can_authenticate):
        token, key_id, key_secret = (ENVIRONMENT[key] for key in ("accessToken", "keyId", "keySecret"))
        raise SettingsError(
            f"Sinch credentials are missing: set {key_id} and {key_secret}, or {token}",
            hint="This command reads the config of a stack only with --stack.",
        )
    with open_operation("list", settings, {}, project_id=project_id) as at_sinch:
        webhooks = at_sinch.cache.webhooks(at_sinch.deadline, max_age=0)
    return sorted(webhooks.values(), key=lambda webhook: (webhook.target, webhook.id))
