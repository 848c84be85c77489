"""Settings for engine tests: an explicit provider with its own key and project, and the stack's config."""

from e2e.harness import Stack

OTHER_PROJECT = "0c4f5f5e-52a1-4b0d-8b8e-1f3f0c3b7a11"
KEY_SECRET = "the-secret-of-the-eu-key"

_PROGRAM = """
eu = pulumi.ProviderResource(
    "pulumi-python",
    "eu",
    {
        "sinch:projectId": "PROJECT",
        "sinch:keyId": "eu-key",
        "sinch:keySecret": pulumi.Output.secret("SECRET"),
        "sinch:apiUrl": "URL",
        "sinch:authUrl": "URL",
    },
)
"""


def declare_eu(stack: Stack) -> str:
    """Return the declaration of `eu` and let its key in."""
    stack.emulator.add_key("eu-key", KEY_SECRET, [OTHER_PROJECT])
    return (
        _PROGRAM.replace("PROJECT", OTHER_PROJECT)
        .replace("SECRET", KEY_SECRET)
        .replace("URL", stack.emulator.url)
    )


def move_settings_to_config(stack: Stack) -> None:
    """Move project and key from the environment to the stack's config."""
    names = ("SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET")
    project_id, key_id, key_secret = (stack.environment.pop(name) for name in names)
    plain = ("--plaintext", f"sinch:projectId={project_id}", "--plaintext", f"sinch:keyId={key_id}")
    stack.pulumi("config", "set-all", *plain, "--secret", f"sinch:keySecret={key_secret}")
