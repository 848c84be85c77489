"""Sinch over TLS behind an HTTP proxy, on the loopback: `https://sinch.test`, reached by CONNECT."""

import asyncio
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import trustme
from pulumi_sinch.emulator import Emulator

if TYPE_CHECKING:
    from typing_extensions import Self

HOST = "sinch.test"
LOOPBACK = "127.0.0.1"
_WITHIN = 20.0
_TUNNEL_STANDS = b"HTTP/1.1 200 Connected\r\n\r\n"

Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]

Fault = int | Literal["cut CONNECT", "hang CONNECT", "garble CONNECT", "cut handshake", "hang handshake"]
"""What the proxy does to one CONNECT: refuse it with a status, or reset or hang before or behind its own response."""


class Tunnel:
    """An HTTP proxy that takes CONNECT to `https://sinch.test`, and the TLS server there, in front of an emulator.

    Where the emulator is away, the proxy refuses the tunnel with 502, as proxies do; one to another host, with 403.

    Args:
        emulator: Sinch.
        folder: Where the certificate authority is written.

    Attributes:
        faults: What the next CONNECTs meet, one each.
        connects: The hosts and ports of the CONNECTs so far.
        authority: Path of the certificate authority.
    """

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.faults: deque[Fault] = deque()
        self.connects: list[str] = []
        self.authority = folder / "authority.pem"
        self._emulator = emulator
        made = trustme.CA()
        made.cert_pem.write_to_path(self.authority)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.issue_cert(HOST).configure_cert(self._tls)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sides: list[Side] = []

    def __enter__(self) -> "Self":
        """Listen."""
        self._thread.start()
        self._origin = self._do(asyncio.start_server(self._serve_origin, LOOPBACK, 0, ssl=self._tls))
        self._proxy = self._do(asyncio.start_server(self._serve_proxy, LOOPBACK, 0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all connections."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WITHIN)
        self._loop.close()

    @property
    def url(self) -> str:
        """Sinch's URL behind the proxy."""
        return f"https://{HOST}"

    @property
    def proxy_url(self) -> str:
        return f"http://{LOOPBACK}:{_port(self._proxy)}"

    @property
    def sinch(self) -> dict[str, str]:
        """The variables that point the provider at Sinch."""
        return {
            name: self.url if value == self._emulator.url else value
            for name, value in self._emulator.environment.items()
        }

    @property
    def network(self) -> dict[str, str]:
        """The variables that name proxy and certificate authority; an empty one counts as none."""
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.proxy_url)
        bypasses = dict.fromkeys(("NO_PROXY", "no_proxy"), LOOPBACK)
        return proxies | bypasses | {"REQUESTS_CA_BUNDLE": str(self.authority)}

    def _do(self, task: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(_WITHIN)

    async def _end(self) -> None:
        for server in (self._proxy, self._origin):
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for _, writer in self._sides:
            _reset(writer)
        await asyncio.sleep(0)  # closed transports are called back once more

    async def _serve_proxy(self, *client: Any) -> None:
        self._sides.append(client)
        reader, writer = client
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client went away
            self.connects.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
            fault = self.faults.popleft() if self.faults else self._refusal()
            if isinstance(fault, int):
                writer.write(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % fault)
                writer.close()
            elif fault is None:
                there = await self._connect(_port(self._origin))
                writer.write(_TUNNEL_STANDS)
                await _join(client, there)
            else:
                await _fail(fault, client)

    async def _serve_origin(self, *client: Any) -> None:
        self._sides.append(client)
        try:
            await _join(client, await self._connect(self._emulator_port))
        except ConnectionRefusedError:
            _reset(client[1])

    async def _connect(self, port: int) -> Side:
        there = await asyncio.open_connection(LOOPBACK, port)
        self._sides.append(there)
        return there

    @property
    def _emulator_port(self) -> int:
        return int(self._emulator.url.rpartition(":")[2])

    def _refusal(self) -> Fault | None:
        if self.connects[-1] != f"{HOST}:443":
            return 403
        with socket.socket() as probe:
            return None if probe.connect_ex((LOOPBACK, self._emulator_port)) == 0 else 502


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _fail(fault: Fault, client: Side) -> None:
    reader, writer = client
    if fault == "garble CONNECT":
        writer.write(b"what?\r\n\r\n")
        writer.close()
        return
    if fault in {"cut handshake", "hang handshake"}:
        writer.write(_TUNNEL_STANDS)
        await reader.read(1)  # the handshake has begun
    if fault in {"hang CONNECT", "hang handshake"}:
        while await reader.read(65536):  # until the client goes away
            pass
    _reset(writer)


async def _join(one: Side, other: Side) -> None:
    """Copy both ways until either side ends. The other side then ends alike: in order, or with a reset."""
    ways = [asyncio.ensure_future(_copy(one[0], other[1])), asyncio.ensure_future(_copy(other[0], one[1]))]
    try:
        ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
    for _, writer in (one, other):
        if any(way.exception() for way in ended):
            _reset(writer)
        else:
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, AttributeError):  # a closed TLS transport does not know its socket any more
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    writer.transport.abort()
