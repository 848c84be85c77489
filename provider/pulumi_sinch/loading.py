"""Loading what is heavy late, and fast: a plugin process lives for one operation of the engine."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Let the garbage collector rest while modules are imported.

    It runs more than a hundred times meanwhile, finds nothing, and takes a tenth of the import's time
    (docs/performance.md), which every operation pays. Several threads may import at once.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
