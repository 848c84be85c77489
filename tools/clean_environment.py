"""The environment variables for programs that tests and tools start."""

import os


def clean_environment() -> dict[str, str]:
    """Return this process's environment variables without those of Pulumi and Sinch."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "SINCH_"))}
