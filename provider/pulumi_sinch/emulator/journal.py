"""The journal: a log of the latest requests, without secrets and tokens."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from pulumi_sinch.emulator.log import Log
from pulumi_sinch.redaction import redact_target

_SECRET = "[secret]"  # noqa: S105 - a placeholder
_HIDDEN = "[hidden]"
_SHOWN_PARAMETERS = frozenset({"pageSize", "pageToken", "grant_type"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_USER_AGENT_LIMIT = 200
_PATH_LIMIT = 2000
_BODY_LIMIT = 16 * 1024
_FIELDS_LIMIT = 20


@dataclass
class Entry:
    """One request to the API or to the token endpoint.

    Attributes:
        number: Number of the request. The first request has the number 1.
        time: Time of the request on the emulator's clock, in seconds since the epoch.
        connection: Number of the TCP connection.
        method: HTTP method, such as ``PATCH``.
        path: The path without the query, cut at 2000 characters.
        query: The query, cut at 2000 characters. Values of undocumented parameters are ``[hidden]``.
        authorization: Scheme of the ``Authorization`` header: ``Bearer``, ``Basic``, or ``[hidden]`` for any
            other scheme. An empty string if the request has no such header.
        user_agent: The ``User-Agent`` header, cut at 200 characters.
        body: Fields of the request body. A secret is ``[secret]``, the value of an undocumented field is
            ``[hidden]``, and the target is redacted. If the request body is neither a JSON object nor a form,
            or is larger than any valid body, this attribute is a text with the size, such as ``[17 bytes]``.
            None if the request has no body.
        status: HTTP status of the response. None while the response is pending, or if the emulator sent no
            response.
        fault: Kind of the fault that applied to the request. An empty string if no fault applied.
        milliseconds: Time until the response was ready. None while the request is pending.
        response_headers: Headers of the response.
        response_body: Body of the response, as parsed JSON or as text. Secrets and tokens are ``[secret]``,
            and targets are redacted. None if the response has no body.
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
    milliseconds: float | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: object = None


class Journal(Log[Entry]):
    """A log of the latest requests, oldest first.

    Args:
        size: Maximum number of requests to keep.
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
        """Add an entry for a request that just arrived. The response is not known yet."""
        return self._append(
            lambda number: Entry(
                number=number,
                time=time,
                connection=connection,
                method=method,
                path=_cut(path),
                query=_cut(shown_query(query)),
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
        """Return the requests that match all arguments, oldest first.

        Args:
            method: Return only requests with this HTTP method.
            path_contains: Return only requests whose path contains this text.
            status: Return only requests whose response had this HTTP status.
            after: Return only requests whose number is higher than this number.
        """
        return [
            entry
            for entry in self._after(after)
            if (method is None or entry.method == method.upper())
            and (path_contains is None or path_contains in entry.path)
            and (status is None or entry.status == status)
        ]

    def count(self, method: str | None = None, path_contains: str | None = None) -> int:
        """Return the number of requests that match both arguments. `entries` describes the arguments."""
        return len(self.entries(method, path_contains))

    @property
    def connections(self) -> int:
        """The number of TCP connections that the requests in the journal used."""
        return len({entry.connection for entry in self.entries()})


def _scheme(authorization: str) -> str:
    """Return the scheme of an ``Authorization`` header.

    For an unknown scheme, return ``[hidden]``, because the text can be a credential.
    """
    if not authorization:
        return ""
    scheme = authorization.partition(" ")[0].capitalize()
    return scheme if scheme in {"Basic", "Bearer"} else _HIDDEN


def shown_query(query: str) -> str:
    """Return a query string in which values of undocumented parameters are ``[hidden]``."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(_shown_name(name), value if name in _SHOWN_PARAMETERS else _HIDDEN) for name, value in pairs],
        safe="[]",
    )


def shown_body(body: object, size: int) -> dict[str, object] | str | None:
    """Return the body of a request as the journal shows it.

    Args:
        body: The parsed body. If the body is a mapping, and is not larger than any valid body, the journal
            shows its fields. For any other body, the journal shows only the size.
        size: Size of the body in bytes.
    """
    if isinstance(body, dict) and len(body) <= _FIELDS_LIMIT and size <= _BODY_LIMIT:
        return {_shown_name(str(name)): _shown_value(str(name), value) for name, value in body.items()}
    return f"[{size} bytes]" if size else None


def _cut(text: str) -> str:
    return text if len(text) <= _PATH_LIMIT else f"{text[:_PATH_LIMIT]}…"


def _shown_name(name: str) -> str:
    """Return the name of a field or parameter as the journal shows it.

    For text that does not look like a name, return ``[hidden]``, because the text can be confidential data.
    """
    return name if _NAME.fullmatch(name) else _HIDDEN


def _shown_value(name: str, value: object) -> object:
    if "secret" in name.lower():
        return _SECRET
    if name == "target" and isinstance(value, str):
        return redact_target(value)
    if name == "grant_type" and isinstance(value, str):
        return value
    if name == "triggers" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    return _HIDDEN
