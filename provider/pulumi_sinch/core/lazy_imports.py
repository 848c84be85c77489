"""Import large modules faster, because each preview or update imports them again in a new process."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Disable the garbage collector during imports, and exclude the imported modules from later collections.

    During the imports, the garbage collector would run more than a hundred times and find nothing. These runs
    would take a tenth of the import time.

    After the imports, `gc.freeze` excludes the imported modules, so that the garbage collector does not scan
    them when the process exits. A fast exit matters, because the engine waits until the process has exited
    (docs/DECISIONS.md, docs/performance.md).

    Several threads may use this function at the same time.
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
