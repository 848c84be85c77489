"""The store: keeps projects and their webhooks, checks targets and the quota, and splits lists into pages."""

import base64
import binascii
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.validation import QUOTA, Behavior, Fields, check_fields

_ID = re.compile(r"[0-9a-fA-F]{32}")
_DEFAULT_PAGE_SIZE = 15


@dataclass(frozen=True)
class StoredWebhook:
    """A webhook in the store, with its secret.

    Attributes:
        id: Id of the webhook, 32 hex digits.
        project_id: Id of the project of the webhook.
        target: URL of the receiver.
        triggers: The triggers, in the order in which responses contain them.
        secret: The secret that signs the callbacks. Responses and the repr do not contain it.
    """

    id: str
    project_id: str
    target: str
    triggers: tuple[str, ...]
    secret: str = field(repr=False)

    @property
    def public_fields(self) -> dict[str, object]:
        """The fields that a response contains: all fields except the secret."""
        return {
            "id": self.id,
            "projectId": self.project_id,
            "target": self.target,
            "triggers": self.triggers,
        }


_Project = Mapping[str, StoredWebhook]


class Store:
    """Projects and their webhooks.

    Each project has a mapping of webhook ids to webhooks. A write acquires the lock and replaces the mapping
    of a project with a new mapping. An existing mapping never changes, so reads do not need the lock.

    Args:
        projects: Ids of the projects.
        behavior: The behavior of the emulator where the behavior of Sinch is undocumented.
        on_change: Function to call after each write, while the store holds the lock. Its argument is a
            mapping of each project id to the project's webhooks. If the function raises an exception, the
            store reverts the write.
        new_id: Function that returns the id for a new webhook.
        any_project: Whether the store creates a missing project when a request names the project.
    """

    def __init__(
        self,
        projects: Iterable[str],
        behavior: Behavior,
        *,
        on_change: Callable[[Mapping[str, list[StoredWebhook]]], None] | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        any_project: bool = False,
    ) -> None:

        self.any_project = any_project
        self.behavior = behavior
        self._on_change = on_change
        self._new_id = new_id
        self._lock = threading.RLock()
        self._projects: dict[str, _Project] = {project: {} for project in projects}

    @property
    def projects(self) -> list[str]:
        """The project ids, in the order in which they were added."""
        return list(self._projects)

    def add_project(self, project_id: str) -> None:
        """Add a project, unless the project already exists."""
        with self._lock:
            if project_id not in self._projects:
                self._replace_project(project_id, {})

    def require_project(self, project_id: str) -> None:
        """Check that a project exists. With `any_project`, create the project if it is missing.

        Raises:
            LookupError: The project does not exist, and `any_project` is false.
        """
        if self.any_project:
            self.add_project(project_id)
        elif project_id not in self._projects:
            raise LookupError("There is no such project.")

    def webhooks(self, project_id: str) -> list[StoredWebhook]:
        """Return a project's webhooks, ordered by target. The list is empty for an unknown project."""
        return sorted(self._projects.get(project_id, {}).values(), key=lambda webhook: webhook.target)

    def all_webhooks(self) -> list[StoredWebhook]:
        """Return the webhooks of every project."""
        return [webhook for project_id in self.projects for webhook in self.webhooks(project_id)]

    def page(self, project_id: str, page_size: str | None, page_token: str | None) -> dict[str, object]:
        """Return one page of a project's webhooks, as the JSON object of a list response.

        Args:
            project_id: Id of an existing project.
            page_size: The parameter ``pageSize`` of the request. None means 15.
            page_token: The parameter ``pageToken`` of the request. None means the first page.

        Raises:
            RefusedError: The page size (``invalid_page_size``) or the page token (``invalid_page_token``) is
                invalid.
        """
        size = _page_size(page_size)
        start = _page_start(page_token)
        webhooks = self.webhooks(project_id)
        page: dict[str, object] = {
            "totalSize": len(webhooks),
            "pageSize": size,
            "webhooks": [webhook.public_fields for webhook in webhooks[start : start + size]],
        }
        if start > 0:
            page["previousPageToken"] = _page_token(max(0, start - size))
        if start + size < len(webhooks):
            page["nextPageToken"] = _page_token(start + size)
        return page

    def get(self, project_id: str, webhook_id: str) -> StoredWebhook:
        """Return the webhook with this id, if it belongs to the project.

        Raises:
            RefusedError: The id is malformed (``invalid_id_format``), or the project does not have the
                webhook (``webhook_not_found``).
        """
        return _find(self._projects[project_id], webhook_id)

    def create(
        self, project_id: str, body: Mapping[str, object], *, any_trigger: bool = False
    ) -> StoredWebhook:
        """Create a webhook and return it.

        Raises:
            RefusedError: The API rejects the webhook. The error code is the first of these that applies:
                ``invalid_input``, ``webhook_exists``, ``webhook_limit_reached``.
            LookupError: The project does not exist.
        """
        fields = check_fields(body, self.behavior, partial=False, any_trigger=any_trigger)
        with self._lock:
            self.require_project(project_id)
            project = self._projects[project_id]
            webhook = StoredWebhook(
                self._new_id(), project_id, fields.target or "", fields.triggers or (), fields.secret or ""
            )
            _check_target_is_free(project, webhook)
            if len(project) >= QUOTA:
                raise errors.webhook_limit_reached()
            return self._put(webhook)

    def replace(self, project_id: str, webhook_id: str, body: Mapping[str, object]) -> StoredWebhook:
        """Replace target, triggers and secret of a webhook (PUT). The body must contain all three fields.

        Raises:
            RefusedError: The error code is ``invalid_id_format``, ``invalid_input``, ``webhook_not_found`` or
                ``webhook_exists``.
        """
        check_id(webhook_id)
        return self._change(project_id, webhook_id, check_fields(body, self.behavior, partial=False))

    def update(
        self, project_id: str, webhook_id: str, body: Mapping[str, object], *, any_trigger: bool = False
    ) -> StoredWebhook:
        """Change the fields that the body contains, and keep the other fields of the webhook (PATCH).

        Raises:
            RefusedError: The error code is ``invalid_id_format``, ``invalid_input``, ``webhook_not_found`` or
                ``webhook_exists``.
        """
        check_id(webhook_id)
        fields = check_fields(body, self.behavior, partial=True, any_trigger=any_trigger)
        return self._change(project_id, webhook_id, fields)

    def delete(self, project_id: str, webhook_id: str) -> None:
        """Delete a webhook.

        Raises:
            RefusedError: The id is malformed (``invalid_id_format``), or the project does not have the
                webhook (``webhook_not_found``).
        """
        with self._lock:
            project = self._projects[project_id]
            _find(project, webhook_id)
            self._replace_project(
                project_id, {key: value for key, value in project.items() if key != webhook_id}
            )

    def find(self, webhook_id: str) -> StoredWebhook:
        """Return the webhook with this id, from any project.

        Raises:
            RefusedError: No project has the webhook (``webhook_not_found``).
        """
        for project in self._projects.values():
            if webhook_id in project:
                return project[webhook_id]
        raise errors.webhook_not_found()

    def replace_all(self, webhooks: Iterable[StoredWebhook]) -> None:
        """Replace the webhooks of all projects. A project without new webhooks still exists, but is empty.

        Raises:
            RefusedError: A webhook breaks a rule of the API.
        """
        projects: dict[str, dict[str, StoredWebhook]] = {project_id: {} for project_id in self._projects}
        for webhook in webhooks:
            fields = {"target": webhook.target, "triggers": list(webhook.triggers), "secret": webhook.secret}
            check_id(webhook.id)
            check_fields(fields, self.behavior, partial=False, any_trigger=True)
            project = projects.setdefault(webhook.project_id, {})
            _check_target_is_free(project, webhook)
            project[webhook.id] = webhook
            if len(project) > QUOTA:
                raise errors.webhook_limit_reached()
        with self._lock:
            before = self._projects
            self._projects = dict(projects)
            self._changed(before)

    def _change(self, project_id: str, webhook_id: str, fields: Fields) -> StoredWebhook:
        with self._lock:
            project = self._projects[project_id]
            old = _find(project, webhook_id)
            new = replace(
                old,
                target=old.target if fields.target is None else fields.target,
                triggers=old.triggers if fields.triggers is None else fields.triggers,
                secret=old.secret if fields.secret is None else fields.secret,
            )
            _check_target_is_free(project, new)
            return self._put(new)

    def _put(self, webhook: StoredWebhook) -> StoredWebhook:
        project = self._projects[webhook.project_id]
        self._replace_project(webhook.project_id, {**project, webhook.id: webhook})
        return webhook

    def _replace_project(self, project_id: str, project: _Project) -> None:
        before = self._projects
        self._projects = {**before, project_id: project}
        self._changed(before)

    def _changed(self, before: dict[str, _Project]) -> None:
        if self._on_change is None:
            return
        try:
            self._on_change({project_id: self.webhooks(project_id) for project_id in self._projects})
        except BaseException:
            self._projects = before
            raise


def check_id(webhook_id: str) -> None:
    """Check that a webhook id has 32 hex digits.

    Raises:
        RefusedError: The id is malformed (``invalid_id_format``).
    """
    if not _ID.fullmatch(webhook_id):
        raise errors.invalid_id_format()


def _find(project: _Project, webhook_id: str) -> StoredWebhook:
    webhook = project.get(webhook_id)
    if webhook is None:
        check_id(webhook_id)
        raise errors.webhook_not_found()
    return webhook


def _check_target_is_free(project: _Project, webhook: StoredWebhook) -> None:
    if any(other.target == webhook.target and other.id != webhook.id for other in project.values()):
        raise errors.webhook_exists()


def _page_size(text: str | None) -> int:
    if text is None:
        return _DEFAULT_PAGE_SIZE
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= QUOTA:
        raise errors.invalid_page_size()
    return int(text)


def _page_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"page:{start}".encode()).decode().rstrip("=")


FIRST_PAGE_TOKEN = _page_token(0)


def _page_start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise errors.invalid_page_token() from None
    match = re.fullmatch(r"page:([0-9]{1,4})", text)
    if not match or _page_token(int(match[1])) != token:
        raise errors.invalid_page_token()
    return int(match[1])
