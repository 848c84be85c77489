"""An explicit provider for engine tests, whose key and project are none of the environment."""

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
