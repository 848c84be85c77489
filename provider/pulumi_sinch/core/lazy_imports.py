"""Loading what is heavy late, and fast: a plugin process lives for one operation of the engine."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Import modules without the garbage collector, which would look through all of them time and again.

    It rests meanwhile: it would run more than a hundred times and find nothing, for a tenth of the import's time. What
    is loaded afterwards counts as permanent (`gc.freeze`): it stays until the process ends, and at its end, which the
    engine waits for, the collector would look through all of it once more (docs/DECISIONS.md, docs/performance.md).
    Several threads may import at once.
    """
    was_enabled, loaded = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > loaded:
            gc.freeze()
        if was_enabled:
            gc.enable()
