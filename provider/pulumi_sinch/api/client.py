"""The six webhook calls (CONTRACT.md, Calls). Retries are described in `transport`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from pulumi_sinch.api.auth import Auth
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    ApiError,
    SinchError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookNotFoundError,
    error_class,
)
from pulumi_sinch.api.models import ErrorBody, Webhook, WebhookPage
from pulumi_sinch.api.transport import Reply, Request, Transport
from pulumi_sinch.redaction import sanitize

MAX_PAGES = 16
"""A project has at most 15 webhooks: more pages than that are a loop."""

_MAX_DETAILS = 10
"""An error with more than the engine can show is not shown at all."""

_Model = TypeVar("_Model")


class WebhooksClient:
    """Reads and writes the webhooks of the projects that one credential may use."""

    def __init__(self, transport: Transport, auth: Auth, *, api_url: str) -> None:
        """Bind the calls to one account.

        Args:
            transport: Sends the requests.
            auth: Gives them their ``Authorization``.
            api_url: Such as ``https://provisioning.api.sinch.com``.
        """
        self._transport = transport
        self._auth = auth
        self._api_url = api_url
        self.clock = transport.clock

    def list(self, project_id: str, deadline: Deadline) -> list[Webhook]:
        """Return all webhooks of a project, page by page to the end.

        Raises:
            SinchError: As every call; also when the pages do not end.
        """
        webhooks: dict[str, Webhook] = {}
        page_tokens: set[str] = set()
        page_token: str | None = None
        for _ in range(MAX_PAGES):
            page = self.list_page(project_id, deadline, page_token=page_token)
            webhooks |= {webhook.id: webhook for webhook in page.webhooks}
            page_token = page.next_page_token
            if not page_token or page_token in page_tokens:
                return [*webhooks.values()]
            page_tokens.add(page_token)
        raise UnexpectedResponseError(
            f"listing the webhooks failed: the list has more than {MAX_PAGES} pages"
        )

    def list_page(self, project_id: str, deadline: Deadline, *, page_token: str | None = None) -> WebhookPage:
        """Return one page; without a token the first, which holds up to 15 webhooks."""
        request = Request(
            action="listing the webhooks",
            method="GET",
            url=self._url(project_id),
            read_only=True,
            params={"pageToken": page_token} if page_token else None,
        )
        return _parse(WebhookPage.from_json, self._send(request, deadline), request)

    def create(self, project_id: str, fields: Mapping[str, Any], deadline: Deadline) -> Webhook:
        """Create a webhook from ``target``, ``secret`` and ``triggers``; never repeated blindly.

        Raises:
            WebhookExistsError: Another webhook has the target.
            WebhookLimitReachedError: The project has 15 webhooks.
            SinchError: As every call. Where its `ambiguous` is true, the webhook may exist.
        """
        request = Request(
            action="creating the webhook",
            method="POST",
            url=self._url(project_id),
            repeatable=False,
            json=fields,
        )
        return self._write(request, deadline)

    def get(self, project_id: str, webhook_id: str, deadline: Deadline) -> Webhook:
        """Return a webhook.

        Raises:
            WebhookNotFoundError: There is none with this id.
        """
        request = Request(
            action="reading the webhook",
            method="GET",
            url=self._url(project_id, webhook_id),
            read_only=True,
        )
        return _parse(Webhook.from_json, self._send(request, deadline), request)

    def replace(
        self,
        project_id: str,
        webhook_id: str,
        fields: Mapping[str, Any],
        deadline: Deadline,
        *,
        action: str = "updating the webhook",
    ) -> Webhook:
        """Set ``target``, ``secret`` and ``triggers`` of a webhook (PUT)."""
        request = Request(action=action, method="PUT", url=self._url(project_id, webhook_id), json=fields)
        return self._write(request, deadline)

    def update(
        self, project_id: str, webhook_id: str, fields: Mapping[str, Any], deadline: Deadline
    ) -> Webhook:
        """Set just the given fields of a webhook (PATCH)."""
        request = Request(
            action="updating the webhook", method="PATCH", url=self._url(project_id, webhook_id), json=fields
        )
        return self._write(request, deadline)

    def delete(self, project_id: str, webhook_id: str, deadline: Deadline) -> None:
        """Delete a webhook; one that is gone already is a success."""
        request = Request(
            action="deleting the webhook", method="DELETE", url=self._url(project_id, webhook_id)
        )
        try:
            reply = self._send(request, deadline)
        except WebhookNotFoundError:
            return
        if reply.status != HTTPStatus.NO_CONTENT and reply.body and reply.json() is None:
            raise _unexpected(reply, request)

    def _url(self, project_id: str, webhook_id: str | None = None) -> str:
        collection = f"{self._api_url}/v1/projects/{_segment(project_id, 'project id')}/webhooks"
        return collection if webhook_id is None else f"{collection}/{_segment(webhook_id, 'webhook id')}"

    def _write(self, request: Request, deadline: Deadline) -> Webhook:
        """Send a webhook and return it. What the response leaves empty is as it was sent."""
        webhook = _parse(Webhook.from_json, self._send(request, deadline), request)
        sent = request.json or {}
        return replace(
            webhook,
            target=webhook.target or sent.get("target", ""),
            triggers=webhook.triggers or tuple(sent.get("triggers", ())),
        )

    def _send(self, request: Request, deadline: Deadline) -> Reply:
        """Send with credentials; where the API calls the token expired, renew it once and repeat once."""
        authorization = self._auth.authorization(deadline)
        reply = self._transport.send(request, authorization, deadline)
        if _token_expired(reply):
            try:
                if self._auth.renew(authorization, deadline):
                    authorization = self._auth.authorization(deadline)
                    again = self._transport.send(request, authorization, deadline)
                    lost = again.after_lost_answer or reply.after_lost_answer
                    reply = replace(again, after_lost_answer=lost)
            except SinchError as error:
                error.ambiguous = error.ambiguous or reply.after_lost_answer
                raise
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return reply
        raise _error(reply, request, hide=_confidential(request, authorization))


def _segment(value: str, kind: str) -> str:
    """Escape one segment of a path. Dots cannot be escaped: `..` would reach something else (RFC 3986, 5.2.4)."""
    if value in {"", ".", ".."}:
        raise SinchError(f"{value!r} is no {kind}", hint="Nothing was sent to Sinch.")
    return quote(value, safe="")


def _token_expired(reply: Reply) -> bool:
    challenge = reply.headers.get("www-authenticate", "")
    return reply.status == HTTPStatus.UNAUTHORIZED and "expired" in challenge.lower()


def _confidential(request: Request, authorization: str) -> list[str]:
    """Return what a server that echoes the request could give away, as text and as JSON writes it.

    Targets often carry tokens.
    """
    sent = request.json or {}
    values = [str(sent.get("secret", "")), str(sent.get("target", "")), authorization.partition(" ")[2]]
    escaped = [
        json.dumps(value, ensure_ascii=ascii_only)[1:-1] for value in values for ascii_only in (True, False)
    ]
    return [*values, *escaped]


def _parse(read: Callable[[bytes], _Model], reply: Reply, request: Request) -> _Model:
    try:
        return read(reply.body)
    except ValueError:
        raise _unexpected(reply, request) from None


def _unexpected(reply: Reply, request: Request) -> UnexpectedResponseError:
    """Refuse an answer without quoting it: a page of a proxy says nothing useful and may hold anything."""
    return UnexpectedResponseError(
        f"{request.action} failed (HTTP {reply.status}): the answer is not one of Sinch's API",
        ambiguous=not request.read_only,
    )


def _error(reply: Reply, request: Request, *, hide: Sequence[str]) -> ApiError:
    ambiguous = not request.read_only and reply.may_be_carried_out
    body = ErrorBody.of(reply.json())
    expired = _token_expired(reply)
    kind = error_class(body.error_code)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        kind = UnauthorizedError
    elif kind is UnauthorizedError or (kind is WebhookNotFoundError and reply.status != HTTPStatus.NOT_FOUND):
        kind = ApiError
    message = "the access token has expired" if expired else sanitize(body.message, hide=hide)
    if not (message or body.error_code):
        message = "the answer is not one of Sinch's API"
    return kind(
        request.action,
        status=reply.status,
        error_code=sanitize(body.error_code, hide=hide),
        message=message,
        resolution=sanitize(body.resolution, hide=hide),
        details=tuple(sanitize(detail, hide=hide) for detail in body.details[:_MAX_DETAILS]),
        ambiguous=ambiguous,
    )
