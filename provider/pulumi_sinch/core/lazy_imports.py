"""Import heavy modules faster. A plugin process lives for one operation of the engine."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Disable the garbage collector while modules are imported, and exclude them from later collections.

    The collector would run more than a hundred times and find nothing, for a tenth of the import's time. Without
    `gc.freeze` it would also scan all modules when the process ends, which the engine waits for (docs/DECISIONS.md,
    docs/performance.md). Several threads may import at once.
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
