"""The variables that programs of tests and tools start with."""

import os


def clean_environment() -> dict[str, str]:
    """Return this process's environment variables without any setting of Pulumi or of Sinch."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "SINCH_"))}
