"""Import heavy modules faster. A plugin process lives for one operation of the engine."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Disable the garbage collector during imports, and exclude the imported modules from later collections.

    During an import, the collector would run more than a hundred times and find nothing, which takes a tenth
    of the time. Without `gc.freeze` it would also scan all modules at the end of the process, while the
    engine waits (docs/DECISIONS.md, docs/performance.md). Several threads may import at the same time.
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
