"""The outcomes of an operation in the fault matrix, and the messages for the user."""

from dataclasses import dataclass

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core.error_advice import AMBIGUOUS, UNCHANGED
from pulumi_sinch.plugin.naming import translated

AGAIN = ("Run the command again", "Run `pulumi up` again")
EFFECTS = {"unchanged": UNCHANGED, "open": AMBIGUOUS}


@dataclass(frozen=True)
class Outcome:
    """The message for the user.

    Attributes:
        sentence: The failure.
        next_step: The next step if nothing was changed. After an ambiguous error it is to run the command
            again.
    """

    sentence: str
    next_step: str


RETRY_LATER = "run the command again later"
GATEWAY = "The response seems to come from a proxy or gateway"

OUTCOMES = {
    "unreachable": Outcome("no connection could be made", "Check the network"),
    "broken": Outcome("the connection broke before the response was complete", "Run the command again"),
    "too late": Outcome("no response within", "Run the command again"),
    **{
        f"HTTP {status}": Outcome(f"failed (HTTP {status}", RETRY_LATER)
        for status in (408, 429, 500, 502, 503, 504, 520)
    },
    "no token": Outcome("the response has no token", GATEWAY),
    "gateway": Outcome("fetching an access token failed (HTTP ", GATEWAY),
    "expired": Outcome("the access token has expired", "check project_id or sinch:projectId"),
    "key refused": Outcome("fetching an access token failed (HTTP ", "check sinch:keyId"),
    "project refused": Outcome("failed (HTTP 401", "check project_id or sinch:projectId"),
    "expired and locked": Outcome("the access token has expired", "Restore the credentials of project"),
    "locked": Outcome("failed (HTTP 401", "Restore the credentials of project"),
    "forbidden": Outcome("failed (HTTP 403)", "check sinch:keyId"),
    "unreadable": Outcome("the response is not from Sinch's API", GATEWAY),
}


def classify_outcome(error: SinchError | None, *, unreachable: str = OUTCOMES["unreachable"].sentence) -> str:
    """Return the name of an error's outcome, with ``?`` if the request was ambiguous.

    Args:
        error: The error that the user sees.
        unreachable: The part of the error that says that Sinch cannot be reached.
    """
    if error is None:
        return "done"
    text = str(error).replace(unreachable, OUTCOMES["unreachable"].sentence)
    for name, outcome in OUTCOMES.items():
        for effect, next_steps in ((UNCHANGED, (outcome.next_step,)), (AMBIGUOUS, AGAIN)):
            first_line, _, rest = text.partition("\n")
            said = any(step in rest or translated(step) in rest for step in next_steps)
            if outcome.sentence in first_line and effect in rest and said:
                return name if effect is UNCHANGED else f"{name}?"
    return f"unknown: {text}"
