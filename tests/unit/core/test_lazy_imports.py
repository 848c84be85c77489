import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from pulumi_sinch.core.lazy_imports import fast_import


def test_the_collector_rests_and_comes_back() -> None:
    """The garbage collector is off during an import, and on again afterwards, even if the import fails."""
    with fast_import():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError), fast_import():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    """A collector that was off stays off."""
    gc.disable()
    try:
        with fast_import():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_comes_back_after_imports_of_several_threads() -> None:
    """The collector is on again after overlapping imports of four threads."""
    begun, ended = Barrier(4, timeout=10), Barrier(4, timeout=10)

    def load(_: int) -> None:
        with fast_import():
            begun.wait()
        ended.wait()

    with ThreadPoolExecutor(4) as threads:
        assert len([*threads.map(load, range(4))]) == 4
    assert gc.isenabled()


def test_what_was_loaded_is_permanent_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imported modules are excluded from collections. If nothing was imported, garbage is still collected."""
    before = gc.get_freeze_count()
    with fast_import():
        pass
    assert gc.get_freeze_count() == before
    try:
        with fast_import():
            monkeypatch.setitem(sys.modules, "a_module_of_this_test", sys)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
