import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import diagnostics
from unit.fakes import closed_port, in_threads


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the process state that the module changes, and ignore errors of other tests."""
    gc.collect()
    monkeypatch.setattr(diagnostics, "_hidden", diagnostics._HiddenTracebacks())
    monkeypatch.setattr(diagnostics, "_warned", set())
    monkeypatch.delenv("SINCH_TRACEBACK", raising=False)
    before = getattr(sys, "tracebacklimit", None)
    vars(sys).pop("tracebacklimit", None)
    yield
    vars(sys).pop("tracebacklimit", None)
    if before is not None:
        sys.tracebacklimit = before


@diagnostics.hide_tracebacks
def fail(kind: type[Exception]) -> None:
    """Raise a new error that no frame of the caller refers to."""
    raise kind("s")


def test_a_sinch_error_leaves_without_its_traceback() -> None:
    """The traceback limit is 0 while the error is alive, and is restored without the garbage collector."""
    with pytest.raises(SinchError) as raised:
        fail(SinchError)
    assert sys.tracebacklimit == 0
    del raised
    assert not hasattr(sys, "tracebacklimit")


@pytest.mark.parametrize("limit", [0, 7])
def test_a_limit_that_was_there_is_restored(limit: int) -> None:
    """An existing limit is restored, also 0."""
    sys.tracebacklimit = limit
    with pytest.raises(SinchError) as raised:
        fail(SinchError)
    assert sys.tracebacklimit == 0
    del raised
    assert sys.tracebacklimit == limit


def test_the_last_of_several_errors_restores_the_limit() -> None:
    """With errors in four threads, the last one that ends restores the limit."""
    errors = in_threads(4, lambda: fail(SinchError))
    while errors:
        assert sys.tracebacklimit == 0
        errors.pop()
    assert not hasattr(sys, "tracebacklimit")


def test_a_limit_that_is_set_meanwhile_stays() -> None:
    """A limit that other code sets in the meantime is kept."""
    with pytest.raises(SinchError) as raised:
        fail(SinchError)
    sys.tracebacklimit = 5
    del raised
    assert sys.tracebacklimit == 5


def test_an_error_that_its_frames_hold_is_freed() -> None:
    """A local variable with the error, or an earlier error, creates no reference cycle."""

    @diagnostics.hide_tracebacks
    def with_cycles() -> None:
        try:
            int("x")
        except ValueError as earlier:
            lost = SinchError("s")
            lost.__cause__ = earlier
            kept = [lost]
            raise kept[0] from earlier

    gc.disable()
    try:
        with pytest.raises(SinchError) as raised:
            with_cycles()
        del raised
        assert not hasattr(sys, "tracebacklimit")
    finally:
        gc.enable()


def test_any_other_error_keeps_its_traceback() -> None:
    """Any other exception keeps its traceback, also after a `SinchError`."""
    with pytest.raises(SinchError):
        fail(SinchError)
    with pytest.raises(KeyError):
        fail(KeyError)
    assert not hasattr(sys, "tracebacklimit")


def test_tracebacks_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """SINCH_TRACEBACK=1 keeps all tracebacks."""
    monkeypatch.setenv("SINCH_TRACEBACK", "1")
    with pytest.raises(SinchError):
        fail(SinchError)
    assert not hasattr(sys, "tracebacklimit")


def test_what_caused_a_sinch_error_is_not_shown() -> None:
    """The causes of a `SinchError` are not shown, because they may contain private data."""

    @diagnostics.hide_tracebacks
    def wrapped() -> None:
        try:
            int("s3cret")
        except ValueError as error:
            raise SinchError("s") from error

    with pytest.raises(SinchError) as raised:
        wrapped()
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None


def test_the_wrapped_method_is_itself() -> None:
    """The decorator keeps name, docstring and result of the method."""

    @diagnostics.hide_tracebacks
    def double(number: int) -> int:
        """Return twice the number."""
        return 2 * number

    assert (double(2), double.__name__, double.__doc__) == (4, "double", "Return twice the number.")


def test_without_an_engine_messages_go_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an engine, debug messages are dropped and all others go to stderr."""
    monkeypatch.setattr(sys, "argv", ["plugin", f"127.0.0.1:{closed_port()}"])
    diagnostics.warn_once("careful")
    diagnostics.log_info("by the way")
    diagnostics.log_debug("in detail")
    assert capsys.readouterr().err == "warning: careful\ninfo: by the way\n"


def test_a_warning_comes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning of many threads is shown once for each resource."""
    logged: list[tuple[str, ...]] = []
    monkeypatch.setattr(diagnostics, "_log", lambda *log: logged.append(log))
    in_threads(8, lambda: diagnostics.warn_once("careful"))
    diagnostics.warn_once("something else")
    diagnostics.warn_once("careful", "urn")
    assert logged == [
        ("WARNING", "careful", ""),
        ("WARNING", "something else", ""),
        ("WARNING", "careful", "urn"),
    ]


def test_a_message_that_cannot_be_sent_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message with a lone surrogate does not fail the operation."""
    monkeypatch.setattr(sys, "argv", ["plugin", f"127.0.0.1:{closed_port()}"])
    diagnostics.log_info("odd \ud800 text")
    assert "odd" in capsys.readouterr().err


def test_importing_changes_no_tracebacks() -> None:
    """Importing the package never sets the traceback limit, which would hang the engine."""
    code = "import sys, pulumi_sinch.provider; print(hasattr(sys, 'tracebacklimit'))"
    shown = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert shown.stdout.strip() == "False"
