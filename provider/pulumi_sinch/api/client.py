"""A client for the six webhook requests of Sinch's API (CONTRACT.md, Calls).

The module `retries` decides which requests are retried. In addition, if the API rejects a token from
`OAuth2Auth` as expired, the client fetches a new token and sends the request once more.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pulumi_sinch.api.auth import Auth
from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.errors import (
    ApiError,
    SinchError,
    UnexpectedResponseError,
    WebhookNotFoundError,
    error_class,
)
from pulumi_sinch.api.http_messages import Request, Response
from pulumi_sinch.api.models import ErrorBody, Webhook, WebhookPage
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.redaction import credentials_in, sanitize_message

if TYPE_CHECKING:
    from pulumi_sinch.api.request_log import RequestLog

MAX_PAGES = 16
"""Maximum number of pages of one list. A project has at most 15 webhooks, so a list with more pages would
probably never end."""

_MAX_DETAILS = 10
"""Maximum number of strings from Sinch's ``additionalInformation`` that an error quotes. If the text of an
error is too long, the engine shows none of it."""

_Model = TypeVar("_Model")


class WebhooksClient:
    """Reads and writes the webhooks of all projects of one account."""

    def __init__(self, transport: Transport, auth: Auth, *, api_url: str) -> None:
        """Create a client for one account.

        Args:
            transport: Sends the requests.
            auth: Provides the ``Authorization`` header of the requests.
            api_url: The base URL, such as ``https://provisioning.api.sinch.com``.
        """
        self._transport = transport
        self._auth = auth
        self._api_url = api_url
        self.clock: Clock = transport.clock
        self.log: RequestLog = transport.log
        self._targets: set[str] = set()

    def hide_target(self, target: str) -> None:
        """Hide the credentials of a target in all later errors, because a response can contain the target."""
        if target:
            self._targets.add(target)

    def list(self, project_id: str, deadline: Deadline) -> list[Webhook]:
        """Return all webhooks of a project, from all pages.

        Raises:
            SinchError: A request failed, or the list has more than 16 pages.
        """
        webhooks: dict[str, Webhook] = {}
        page_tokens: set[str] = set()
        page_token: str | None = None
        for _ in range(MAX_PAGES):
            page = self.list_page(project_id, deadline, page_token=page_token)
            webhooks |= {webhook.id: webhook for webhook in page.webhooks}
            self._targets.update(webhook.target for webhook in page.webhooks)
            page_token = page.next_page_token
            if not page_token or page_token in page_tokens:
                return [*webhooks.values()]
            page_tokens.add(page_token)
        raise UnexpectedResponseError(
            f"listing the webhooks failed: the list did not end after {MAX_PAGES} pages, although a project "
            "has at most 15 webhooks"
        )

    def list_page(self, project_id: str, deadline: Deadline, *, page_token: str | None = None) -> WebhookPage:
        """Return one page of up to 15 webhooks. Without `page_token`, return the first page."""
        request = Request(
            action="listing the webhooks",
            method="GET",
            url=self._url(project_id),
            read_only=True,
            params={"pageToken": page_token} if page_token else None,
        )
        try:
            response = self._send(request, deadline)
        except WebhookNotFoundError as error:
            # A list request names no webhook, so this error does not prove that a webhook does not exist.
            raise _unexpected(error.status, request) from None
        return _parse(WebhookPage.from_json, response, request)

    def create(self, project_id: str, fields: Mapping[str, Any], deadline: Deadline) -> Webhook:
        """Create a webhook from ``target``, ``secret`` and ``triggers`` (POST).

        This method does not retry an ambiguous POST, because the POST possibly took effect. The caller (the
        module `create`) looks for the webhook first, and sends the POST again only if it finds none.

        Raises:
            WebhookExistsError: Another webhook of the project has the target.
            WebhookLimitReachedError: The project already has 15 webhooks.
            SinchError: The request failed. If the error's `ambiguous` is True, Sinch possibly created the
                webhook.
        """
        request = Request(
            action="creating the webhook",
            method="POST",
            url=self._url(project_id),
            idempotent=False,
            json=fields,
        )
        return self._write(request, deadline, Webhook.from_json)

    def get(self, project_id: str, webhook_id: str, deadline: Deadline) -> Webhook:
        """Return the webhook with this id.

        Raises:
            WebhookNotFoundError: No webhook of the project has this id.
        """
        request = Request(
            action="reading the webhook",
            method="GET",
            url=self._url(project_id, webhook_id),
            read_only=True,
        )
        return _parse(_webhook_with_id(webhook_id), self._send(request, deadline), request)

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
        return self._write(request, deadline, _webhook_with_id(webhook_id))

    def update(
        self,
        project_id: str,
        webhook_id: str,
        fields: Mapping[str, Any],
        deadline: Deadline,
        *,
        action: str = "updating the webhook",
    ) -> Webhook:
        """Set only the given fields of a webhook (PATCH)."""
        request = Request(action=action, method="PATCH", url=self._url(project_id, webhook_id), json=fields)
        return self._write(request, deadline, _webhook_with_id(webhook_id))

    def delete(self, project_id: str, webhook_id: str, deadline: Deadline) -> None:
        """Delete a webhook. Succeeds also if the webhook does not exist.

        Raises:
            UnexpectedResponseError: The response is 2xx, but has a body other than ``{}`` or ``[]``. Sinch
                responds to a DELETE without a body (CONTRACT.md, Calls), so a gateway probably sent this
                response.
        """
        request = Request(
            action="deleting the webhook", method="DELETE", url=self._url(project_id, webhook_id)
        )
        try:
            response = self._send(request, deadline)
        except WebhookNotFoundError:
            return
        if response.body and response.data not in ({}, []):
            raise _unexpected(response.status, request)

    def _url(self, project_id: str, webhook_id: str | None = None) -> str:
        collection = f"{self._api_url}/v1/projects/{_segment(project_id, 'project id')}/webhooks"
        return collection if webhook_id is None else f"{collection}/{_segment(webhook_id, 'webhook id')}"

    def _write(self, request: Request, deadline: Deadline, from_json: Callable[[Any], Webhook]) -> Webhook:
        """Send the fields of a webhook, and return the webhook in the response.

        If the response lacks the target, the returned webhook has the target of the request. If the response
        lacks the triggers, the returned webhook has the triggers of the request.
        """
        webhook = _parse(from_json, self._send(request, deadline), request)
        sent = request.json or {}
        return replace(
            webhook,
            target=webhook.target or sent.get("target", ""),
            triggers=webhook.triggers or tuple(sent.get("triggers", ())),
        )

    def _send(self, request: Request, deadline: Deadline) -> Response:
        """Send a request. If the token has expired, fetch a new token and send the request once more.

        With a fixed ``Authorization`` header (`FixedAuth`), no new token can be fetched, so an expired token
        is an error.
        """
        authorization = self._auth.authorization(deadline)
        response = self._transport.send(request, authorization, deadline)
        if _token_expired(response):
            # An earlier attempt, before the token expired, may have taken effect.
            ambiguous = response.after_ambiguous_attempt
            try:
                if self._auth.renew(authorization, deadline):
                    authorization = self._auth.authorization(deadline)
                    response = self._transport.send(request, authorization, deadline)
            except SinchError as error:
                error.ambiguous = error.ambiguous or ambiguous
                raise
            if ambiguous:
                response = replace(response, after_ambiguous_attempt=True)
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return response
        self.hide_target(str((request.json or {}).get("target", "")))
        hidden = [part for target in tuple(self._targets) for part in credentials_in(target)]
        raise _error(response, request, hide=[*_confidential(request, authorization), *hidden])


def _segment(value: str, kind: str) -> str:
    """Escape an id for the path of a URL.

    The ids `.` and `..` are rejected, because they would change the path (RFC 3986, 5.2.4), and dots cannot
    be escaped.
    """
    if value in {"", ".", ".."}:
        raise SinchError(f"{value!r} is not a valid {kind}", hint="Nothing was sent to Sinch.")
    return quote(value, safe="")


def _token_expired(response: Response) -> bool:
    challenge = response.headers.get("www-authenticate", "")
    return response.status == HTTPStatus.UNAUTHORIZED and "expired" in challenge.lower()


def _confidential(request: Request, authorization: str) -> list[str]:
    """Return the strings to hide in an error: the secret, the target and the credentials of the request.

    The error quotes parts of the response, and the response can contain these strings. A target is
    confidential, because it often contains a token.
    """
    sent = request.json or {}
    scheme, _, credentials = authorization.partition(" ")
    values = [str(sent.get("secret", "")), str(sent.get("target", "")), credentials]
    if scheme == "Basic":
        values.append(base64.b64decode(credentials).decode().partition(":")[2])
    return values


def _webhook_with_id(webhook_id: str) -> Callable[[Any], Webhook]:
    """Return a parser that accepts only the webhook with this id, because gateways can mix up responses."""

    def from_json(data: object) -> Webhook:
        webhook = Webhook.from_json(data)
        if webhook.id.lower() != webhook_id.lower():
            raise ValueError
        return webhook

    return from_json


def _parse(from_json: Callable[[Any], _Model], response: Response, request: Request) -> _Model:
    try:
        return from_json(response.data)
    except ValueError:
        raise _unexpected(response.status, request) from None


def _unexpected(status: int, request: Request) -> UnexpectedResponseError:
    """Return the error for an undocumented response.

    The error does not quote the body, because the body can contain anything.
    """
    return UnexpectedResponseError(
        f"{request.action} failed (HTTP {status}): the response is not from Sinch's API",
        ambiguous=not request.read_only,
    )


def _error(response: Response, request: Request, *, hide: Sequence[str]) -> ApiError:
    body = ErrorBody.from_json(response.data)
    if _token_expired(response):
        message = "the access token has expired"
    else:
        message = sanitize_message(body.message, hide=hide)
    if not (message or body.error_code):
        message = "the response is not from Sinch's API"
    return error_class(body.error_code, response.status)(
        request.action,
        status=response.status,
        error_code=sanitize_message(body.error_code, hide=hide),
        message=message,
        resolution=sanitize_message(body.resolution, hide=hide),
        details=tuple(sanitize_message(detail, hide=hide) for detail in body.details[:_MAX_DETAILS]),
        ambiguous=response.ambiguous and not request.read_only,
        retry_after=response.headers.get("Retry-After"),
    )
