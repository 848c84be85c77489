"""Turn pydantic's validation errors into readable sentences."""

import difflib

from pydantic import ValidationError

_SENTENCES = {
    "missing": "is missing",
    "string_pattern_mismatch": "has characters that are not allowed",
    "json_invalid": "must be valid JSON",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
}


def first_problem(error: ValidationError) -> str:
    """Return a sentence about the first invalid field.

    The sentence does not contain the invalid value, because the value can be a secret.

    Returns:
        A sentence such as ``kind: must be 'status', 'delay' or 'reset'. Did you mean reset?``.
    """
    problem = error.errors(include_input=True, include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"]) or "the body"
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{place}: is not a known field"
    if kind == "literal_error":
        allowed = str(context["expected"])
        return f"{place}: must be {allowed}.{_suggestion(problem['input'], allowed)}"
    if kind == "value_error":
        return str(context["error"])
    return f"{place}: {_SENTENCES.get(kind) or problem['msg'].replace('Input should', 'must')}"


def _suggestion(given: object, allowed: str) -> str:
    names = [name.strip("'") for name in allowed.replace(" or ", ", ").split(", ")]
    similar = difflib.get_close_matches(str(given), names, n=1)
    return f" Did you mean {similar[0]}?" if similar else ""
