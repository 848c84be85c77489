"""In one plugin process, our errors have no traceback, and errors of other providers have one."""

import base64
import pickle
import sys
import time
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from types import ModuleType

import pytest
from plugin.harness import Plugin, RefusedError, Start, as_struct
from pulumi.runtime.proto import provider_pb2

OTHER = """
import sys
from pulumi.dynamic import ResourceProvider

class Provider(ResourceProvider):
    def configure(self, req):
        LIMIT

    def create(self, props):
        raise KeyError("of another provider")

    def delete(self, id_, props):
        raise ValueError(repr(getattr(sys, "tracebacklimit", None)))
"""
TARGET = "https://hooks.example.com/sinch"
PROGRAM = {"target": TARGET, "triggers": ["ALL"], "project_id": "p", "secret": "s", "previous_secret": ""}


def other_provider(folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str = "pass") -> str:
    """Write a module with another provider next to the plugin. Return the pickled provider."""
    code = OTHER.replace("LIMIT", limit)
    (folder / "another_provider.py").write_text(code)
    module = ModuleType("another_provider")
    monkeypatch.setitem(sys.modules, "another_provider", module)
    exec(code, vars(module))  # noqa: S102 - the code above
    return base64.b64encode(pickle.dumps(module.Provider())).decode()


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "0").mkdir()
    return other_provider(tmp_path / "0", monkeypatch)


def shown(task: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as refused:
        task()
    return str(refused.value)


def theirs(plugin: Plugin, provider: str, method: str = "Create") -> str:
    """Return the text that the engine shows when the other provider fails."""
    properties = as_struct({"__provider": provider})
    request = (
        provider_pb2.CreateRequest(urn="urn", properties=properties)
        if method == "Create"
        else provider_pb2.DeleteRequest(id="id", urn="urn", properties=properties)
    )
    return shown(lambda: plugin._call(method, request))


def limit_left_by(plugin: Plugin, provider: str, expected: str = "None") -> str:
    """Return the traceback limit of the process after our errors were freed."""
    end = time.monotonic() + 5
    seen = ""
    while seen != expected and time.monotonic() < end:
        seen = theirs(plugin, provider, "Delete").strip().rpartition("ValueError: ")[2]
    return seen


OURS: dict[str, Callable[[Plugin], object]] = {
    "a lookup that finds nothing": lambda plugin: plugin.read("0" * 32, {"project_id": None}),
    "a create without a project of ours": lambda plugin: plugin.create(PROGRAM),
    "an update of what is gone": lambda plugin: plugin.update(
        "0" * 32, PROGRAM, {**PROGRAM, "target": f"{TARGET}/2"}
    ),
}


@pytest.mark.parametrize("ours", OURS.values(), ids=OURS)
def test_each_provider_keeps_its_tracebacks(
    start: Start, other: str, ours: Callable[[Plugin], object]
) -> None:
    """In any order, an error of another provider has its traceback, and ours has none."""
    plugin = start()
    assert "in create" in theirs(plugin, other)
    for _ in range(20):
        assert "Traceback" not in shown(lambda: ours(plugin))
        assert limit_left_by(plugin, other) == "None"
        seen = theirs(plugin, other)
        assert "Traceback (most recent call last)" in seen
        assert "another_provider.py" in seen
        assert "in create" in seen


def test_a_lost_connection_leaves_nothing_behind(start: Start, other: str) -> None:
    """Errors are freed after retries, lost responses and recovery."""
    plugin = start({"sinch:apiUrl": "http://127.0.0.1:9", "sinch:timeout": "1"})
    assert "Traceback" not in shown(lambda: plugin.create(PROGRAM))
    assert limit_left_by(plugin, other) == "None"
    assert "in create" in theirs(plugin, other)


def test_the_limit_of_another_provider_is_restored(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit that another provider has set is restored."""
    (tmp_path / "0").mkdir()
    other = other_provider(tmp_path / "0", monkeypatch, "sys.tracebacklimit = 3")
    plugin = start()
    assert limit_left_by(plugin, other, "3") == "3"
    assert "Traceback" not in shown(lambda: plugin.create(PROGRAM))
    assert limit_left_by(plugin, other, "3") == "3"


def test_errors_in_four_threads_leave_no_limit(start: Start, other: str) -> None:
    """After errors in four threads, the traceback limit is restored."""
    plugin = start()
    with futures.ThreadPoolExecutor(4) as pool:
        messages = [*pool.map(lambda _: shown(lambda: plugin.create(PROGRAM)), range(20))]
    assert not any("Traceback" in message for message in messages)
    assert limit_left_by(plugin, other) == "None"
