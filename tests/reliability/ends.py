"""How a cell of the matrix can end, and the words in which the user is told."""

from dataclasses import dataclass

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core.error_advice import AMBIGUOUS, UNCHANGED

AGAIN = ("Run `pulumi up`, or what failed, again", "Run `pulumi up` again")
EFFECTS = {"unchanged": UNCHANGED, "open": AMBIGUOUS}


@dataclass(frozen=True)
class End:
    """What the user reads.

    Attributes:
        sentence: What happened.
        next_step: What to do, where nothing was changed; where that is open, it is to run it again.
    """

    sentence: str
    next_step: str


RETRY_LATER = "run it again later"
GATEWAY = "A proxy or gateway seems to answer in Sinch's place"

ENDS = {
    "unreachable": End("no connection could be made", "Check the network"),
    "broken": End("the connection broke before the whole answer came", "Run it again"),
    "too late": End("no answer came within", "Run it again"),
    **{
        f"HTTP {status}": End(f"failed (HTTP {status}", RETRY_LATER)
        for status in (408, 429, 500, 502, 503, 504)
    },
    "unreadable": End("the answer is not one of Sinch's API", GATEWAY),
    "no token": End("the answer holds no token", GATEWAY),
    "gateway": End("fetching an access token failed (HTTP 40", GATEWAY),
    "expired": End("the access token has expired", "check project_id or sinch:projectId"),
    "key refused": End("fetching an access token failed (HTTP 40", "check sinch:keyId"),
    "project refused": End("failed (HTTP 401", "check project_id or sinch:projectId"),
    "forbidden": End("failed (HTTP 403)", "check sinch:keyId"),
}


def end_of(error: SinchError | None, *, unreachable: str = ENDS["unreachable"].sentence) -> str:
    """Name the end that an error is; ``?`` stands for: whether it was carried out is open.

    Args:
        error: What the user sees.
        unreachable: How it says that Sinch is out of reach.
    """
    if error is None:
        return "done"
    text = str(error).replace(unreachable, ENDS["unreachable"].sentence)
    for name, end in ENDS.items():
        for effect, next_steps in ((UNCHANGED, (end.next_step,)), (AMBIGUOUS, AGAIN)):
            first_line, _, rest = text.partition("\n")
            if end.sentence in first_line and effect in rest and any(step in rest for step in next_steps):
                return name if effect is UNCHANGED else f"{name}?"
    return f"unknown: {text}"
