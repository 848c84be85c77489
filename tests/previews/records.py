"""The recorded previews: `make record-previews` writes them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from previews.truth import Effect

RECORDED = Path(__file__).with_name("recorded")


@dataclass(frozen=True)
class Record:
    """A preview of one version of the CLI, and the effects of the `pulumi up` after it.

    Attributes:
        version: Version of the CLI.
        scenario: Name of the scenario.
        options: Options of the preview and of `up`.
        preview: The JSON, or the text if the CLI printed something else.
        effects: The effects of `up` at the emulator.
    """

    version: str
    scenario: str
    options: tuple[str, ...]
    preview: Any
    effects: tuple[Effect, ...]

    def __str__(self) -> str:
        """Return the name of the record, for test ids."""
        return f"{self.version}-{self.scenario}"

    @property
    def text(self) -> str:
        """The preview as the CLI printed it."""
        return self.preview if isinstance(self.preview, str) else json.dumps(self.preview)


def load_records() -> list[Record]:
    """Read all records."""
    return [_read(path) for path in sorted(RECORDED.glob("*/*.json"))]


def _read(path: Path) -> Record:
    document = json.loads(path.read_text("utf-8"))
    effects = tuple(Effect(**effect) for effect in document["effects"])
    return Record(path.parent.name, path.stem, tuple(document["options"]), document["preview"], effects)
