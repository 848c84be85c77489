"""The limits of a Sinch project (CONTRACT.md, Fields), and of the provider."""

MAX_WEBHOOKS = 15
"""Maximum number of webhooks of a project, those of other Sinch products included."""

MAX_OPERATIONS = 16
"""Operations of one provider process that can run at the same time: a whole project, and one to spare.

Each has a thread in the plugin and a connection to Sinch. The engine runs dynamic providers with four threads (ENGINE.md,
Shape).
"""
