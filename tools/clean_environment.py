"""The environment variables of programs that tests and tools start."""

import os


def clean_environment() -> dict[str, str]:
    """Return this process's environment variables without settings of Pulumi or Sinch."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "SINCH_"))}
