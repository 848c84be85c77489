"""What was asked of the emulator, without secrets and tokens."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from pulumi_sinch.emulator.log import Log

_SECRET = "[secret]"  # noqa: S105 - it stands in for one
_HIDDEN = "[hidden]"
_SHOWN_PARAMETERS = frozenset({"pageSize", "pageToken", "grant_type"})
_USER_AGENT_LIMIT = 200


@dataclass
class Entry:
    """One request to the API or to the token endpoint.

    Attributes:
        number: Counts the requests from 1.
        time: Seconds since the epoch.
        connection: Number of the TCP connection that it came on.
        method: Such as ``PATCH``.
        path: Without the query.
        query: The query; values of undocumented parameters read ``[hidden]``.
        authorization: Scheme of the ``Authorization`` header, ``Bearer`` or ``Basic``, or an empty string.
        user_agent: The ``User-Agent`` header, cut at 200 characters.
        body: The fields that were sent: a secret reads ``[secret]``, an undocumented field ``[hidden]``. A
            body that is no object is told by its size, such as ``[17 bytes]``; `None` when none was sent.
        status: HTTP status of the answer, `None` while it is pending and for ever when none was given.
        fault: Kind of the fault that the request met, or an empty string.
    """

    number: int
    time: float
    connection: int
    method: str
    path: str
    query: str
    authorization: str
    user_agent: str
    body: dict[str, object] | str | None
    status: int | None = None
    fault: str = ""


class Journal(Log[Entry]):
    """The latest requests, oldest first.

    Args:
        size: Number of requests to keep.
    """

    def add(  # noqa: PLR0913 - the parts of one request
        self,
        *,
        time: float,
        connection: int,
        method: str,
        path: str,
        query: str,
        authorization: str,
        user_agent: str,
        body: dict[str, object] | str | None,
    ) -> Entry:
        """Add a request when it arrives. Its status is not known yet."""
        return self._append(
            lambda number: Entry(
                number=number,
                time=time,
                connection=connection,
                method=method,
                path=path,
                query=shown_query(query),
                authorization=_scheme(authorization),
                user_agent=user_agent[:_USER_AGENT_LIMIT],
                body=body,
            )
        )

    def entries(
        self,
        method: str | None = None,
        path_contains: str | None = None,
        *,
        status: int | None = None,
        after: int = 0,
    ) -> list[Entry]:
        """Return the requests that match, oldest first.

        Args:
            method: Only this method.
            path_contains: Only paths with this text in them.
            status: Only answers with this status.
            after: Only requests numbered higher than this.
        """
        return [
            entry
            for entry in self._after(after)
            if (method is None or entry.method == method.upper())
            and (path_contains is None or path_contains in entry.path)
            and (status is None or entry.status == status)
        ]

    def count(self, method: str | None = None, path_contains: str | None = None) -> int:
        """Return how many requests match."""
        return len(self.entries(method, path_contains))

    @property
    def connections(self) -> int:
        """How many TCP connections the requests came on."""
        return len({entry.connection for entry in self.entries()})


def _scheme(authorization: str) -> str:
    """Return the scheme of an ``Authorization`` header; what is none of ours may be a credential itself."""
    if not authorization:
        return ""
    scheme = authorization.partition(" ")[0].capitalize()
    return scheme if scheme in {"Basic", "Bearer"} else _HIDDEN


def shown_query(query: str) -> str:
    """Return a query without the values of undocumented parameters."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(name, value if name in _SHOWN_PARAMETERS else _HIDDEN) for name, value in pairs], safe="[]"
    )


def shown_body(body: object, size: int) -> dict[str, object] | str | None:
    """Return what the journal keeps of a request's body.

    Args:
        body: The parsed body, anything but a mapping when it is no object.
        size: Bytes that were sent.
    """
    if isinstance(body, dict):
        return {str(name): _shown_value(str(name), value) for name, value in body.items()}
    return f"[{size} bytes]" if size else None


def _shown_value(name: str, value: object) -> object:
    if "secret" in name.lower():
        return _SECRET
    if name in {"target", "grant_type"} and isinstance(value, str):
        return value
    if name == "triggers" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    return _HIDDEN
