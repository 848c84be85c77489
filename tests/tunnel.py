"""Sinch over TLS behind an HTTP proxy on the loopback interface: `https://sinch.test`, reached by CONNECT."""

import asyncio
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import trustme

if TYPE_CHECKING:
    from typing_extensions import Self

HOST = "sinch.test"
LOOPBACK = "127.0.0.1"
_WITHIN = 20.0
_TUNNEL_STANDS = b"HTTP/1.1 200 Connected\r\n\r\n"

Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]

Fault = (
    int
    | Literal[
        "cut CONNECT", "hang CONNECT", "garble CONNECT", "cut handshake", "garble handshake", "hang handshake"
    ]
)
"""A fault of one CONNECT: a status that rejects it, or a reset, invalid bytes or a hang instead of the
proxy's response or of the TLS handshake."""


class Tunnel:
    """An HTTP proxy for CONNECT to `https://sinch.test`, and the TLS server there in front of a plain server.

    If the plain server is stopped, the proxy rejects the tunnel with 502, as proxies do. It rejects tunnels
    to other hosts with 403.

    Args:
        server_url: URL of the plain server on the loopback interface.
        folder: The folder for the certificate authority.

    Attributes:
        url: URL of Sinch, behind the proxy.
        garbles: Whether the proxy changes a bit of all responses, which TLS detects.
        faults: The faults of the next CONNECTs, one each.
        connects: The hosts and ports of the CONNECTs so far.
        authority: Path of the certificate authority.
    """

    def __init__(self, server_url: str, folder: Path) -> None:
        self.url = f"https://{HOST}"
        self.garbles = False
        self.faults: deque[Fault] = deque()
        self.connects: list[str] = []
        self.authority = folder / "authority.pem"
        self._server_url = server_url
        made = trustme.CA()
        made.cert_pem.write_to_path(self.authority)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.issue_cert(HOST).configure_cert(self._tls)
        self._proxy_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.issue_cert(LOOPBACK).configure_cert(self._proxy_tls)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sides: list[Side] = []

    def __enter__(self) -> "Self":
        """Listen."""
        self._thread.start()
        self._origin = self._do(asyncio.start_server(self._serve_origin, LOOPBACK, 0, ssl=self._tls))
        self._proxy = self._do(asyncio.start_server(self._serve_proxy, LOOPBACK, 0))
        self._tls_proxy = self._do(asyncio.start_server(self._serve_proxy, LOOPBACK, 0, ssl=self._proxy_tls))
        return self

    def lead_to(self, server_url: str) -> None:
        """Use another plain server behind the TLS server. Existing connections stay."""
        self._server_url = server_url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all connections."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WITHIN)
        self._loop.close()

    @property
    def proxy_url(self) -> str:
        return f"http://{LOOPBACK}:{_port(self._proxy)}"

    @property
    def tls_proxy_url(self) -> str:
        """The URL of the same proxy for clients that use TLS to the proxy."""
        return f"https://{LOOPBACK}:{_port(self._tls_proxy)}"

    @property
    def tls_port(self) -> int:
        """The port of the TLS server itself."""
        return _port(self._origin)

    def behind(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return an emulator's variables with its URL behind the proxy."""
        return {name: self.url if value == self._server_url else value for name, value in environment.items()}

    @property
    def network(self) -> dict[str, str]:
        """The variables that name proxy and certificate authority; an empty one counts as none."""
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.proxy_url)
        bypasses = dict.fromkeys(("NO_PROXY", "no_proxy"), LOOPBACK)
        return proxies | bypasses | {"REQUESTS_CA_BUNDLE": str(self.authority)}

    def _do(self, task: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(_WITHIN)

    async def _end(self) -> None:
        for server in (self._proxy, self._tls_proxy, self._origin):
            server.close()
        for _, writer in self._sides:
            _reset(writer)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # closed transports are called once more

    async def _serve_proxy(self, *client: Any) -> None:
        self._sides.append(client)
        reader, writer = client
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client disconnected
            self.connects.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
            fault = self.faults.popleft() if self.faults else self._refusal()
            if isinstance(fault, int):
                writer.write(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % fault)
                writer.close()
            elif fault is None:
                there = await self._connect(self.tls_port)
                writer.write(_TUNNEL_STANDS)
                await _join(client, there, self._sent_back)
            else:
                await _fail(fault, client)

    async def _serve_origin(self, *client: Any) -> None:
        self._sides.append(client)
        try:
            await _join(client, await self._connect(self._server_port))
        except ConnectionRefusedError:
            _reset(client[1])

    async def _connect(self, port: int) -> Side:
        there = await asyncio.open_connection(LOOPBACK, port)
        self._sides.append(there)
        return there

    def _sent_back(self, data: bytes) -> bytes:
        return data[:-1] + bytes([data[-1] ^ 1]) if self.garbles else data

    @property
    def _server_port(self) -> int:
        return int(self._server_url.rpartition(":")[2])

    def _refusal(self) -> Fault | None:
        if self.connects[-1] != f"{HOST}:443":
            return 403
        with socket.socket() as probe:
            return None if probe.connect_ex((LOOPBACK, self._server_port)) == 0 else 502


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _fail(fault: Fault, client: Side) -> None:
    reader, writer = client
    what, _, when = str(fault).partition(" ")
    if when == "handshake":
        writer.write(_TUNNEL_STANDS)
        await reader.read(65536)  # the client has begun the handshake
    if what == "garble":
        writer.write(b"what?\r\n\r\n")
        writer.close()
        return
    if what == "hang":
        while await reader.read(65536):  # until the client closes the connection
            pass
    _reset(writer)


async def _join(client: Side, server: Side, sent_back: Callable[[bytes], bytes] = bytes) -> None:
    """Copy in both directions until one side ends. The other side then ends in the same way."""
    ways = [
        asyncio.ensure_future(_copy(client[0], server[1], bytes)),
        asyncio.ensure_future(_copy(server[0], client[1], sent_back)),
    ]
    try:
        ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
    for _, writer in (client, server):
        if any(way.exception() for way in ended):
            _reset(writer)
        else:
            writer.close()


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, changed: Callable[[bytes], bytes]
) -> None:
    while data := await reader.read(65536):
        writer.write(changed(data))
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, AttributeError):  # a closed TLS transport has no socket any more
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    writer.transport.abort()
