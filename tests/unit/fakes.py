"""Fakes of time and of Sinch for the unit tests."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.request_log import RequestLog

if TYPE_CHECKING:
    from typing_extensions import Self


class FakeTime:
    """A clock that moves only when somebody sleeps, or by `tick` seconds with each reading."""

    def __init__(self, *, tick: float = 0.0, random: float = 0.5) -> None:
        self.now = 1000.0
        self.tick = tick
        self.slept: list[float] = []
        self.clock = Clock(monotonic=self.monotonic, sleep=self.sleep, random=lambda: random)

    def monotonic(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def deadline(self, seconds: float = 30.0) -> Deadline:
        return self.clock.deadline(seconds)


class RecordedLog:
    """Records messages about requests."""

    def __init__(self) -> None:
        self.debugged: list[str] = []
        self.informed: list[str] = []
        self.log = RequestLog(debug=self.debugged.append, info=self.informed.append)


class Received:
    """A request as the scripted server received it."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = lines[0].split(" ", 2)
        self.headers = [
            (name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:])
        ]

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


Step = bytes | Callable[[socket.socket], None]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return a complete HTTP response. Underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def hang(connection: socket.socket) -> None:
    """Send no response until the client disconnects."""
    connection.settimeout(20)
    while connection.recv(1024):
        pass


def trickle(start: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Return a step that sends the start of a response, and then a piece every 20 ms."""

    def step(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            time.sleep(0.02)
            connection.sendall(piece)

    return step


def flood(connection: socket.socket) -> None:
    """Send a body that is too large, until the client disconnects."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 1_000_000)


class ScriptedServer:
    """Serves each connection with the next step of a script, and all further ones with the last step."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self.requests: list[Received] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Self":
        """Serve."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            self.requests.append(Received(_whole_request(connection)))
            step = self._steps[min(len(self.requests), len(self._steps)) - 1]
            if isinstance(step, bytes):
                connection.sendall(step)
            else:
                step(connection)
        except (OSError, ValueError):
            pass


def _whole_request(connection: socket.socket) -> bytes:
    connection.settimeout(20)
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(connection)
    head, _, body = raw.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the client went away")
    return piece


def closed_port() -> int:
    """Return a closed port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def in_threads(count: int, task: Callable[[], Any]) -> list[Any]:
    """Run a task in several threads at once. Return the results or exceptions."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        gate.wait(20)
        try:
            results[number] = task()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return results


def fields(target: str = "https://hooks.example.com/a", **other: Any) -> Mapping[str, Any]:
    """Return the body of a POST."""
    return {"target": target, "secret": "a-secret", "triggers": ["ALL"], **other}


def unique(values: Iterable[Any]) -> list[Any]:
    """Return the values without duplicates."""
    return [*dict.fromkeys(values)]
