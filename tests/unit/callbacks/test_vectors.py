"""The test vectors for receivers in other languages."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.callbacks.signature import verify_signature

FILE = Path(__file__).parents[3] / "docs/callback-vectors.json"
VECTORS = json.loads(FILE.read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_each_vector(vector: dict[str, Any]) -> None:
    """Each callback is accepted with the secret that the file names, or rejected."""
    body = base64.b64decode(vector["body"])

    def verify() -> int:
        return verify_signature(body, vector["headers"], vector["secrets"], clock=lambda: vector["now"])

    if vector["matches"] is None:
        with pytest.raises(SinchError):
            verify()
    else:
        assert verify() == vector["matches"]


def test_the_vectors_cover_both_outcomes() -> None:
    """Each vector has its own name. Some are accepted, with either secret, and more are rejected."""
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS)
    outcomes = [vector["matches"] for vector in VECTORS]
    assert {0, 1, None} == {*outcomes}
    assert outcomes.count(None) > len(outcomes) / 2
