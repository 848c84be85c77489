"""A provider as in tutorials on dynamic providers: each request has its own token and connection."""

import os
from typing import Any

import requests
from pulumi import Output, ResourceOptions
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

_TIMEOUT = 60


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    token = requests.post(
        f"{os.environ['SINCH_AUTH_URL']}/oauth2/token",
        auth=(os.environ["SINCH_KEY_ID"], os.environ["SINCH_KEY_SECRET"]),
        data={"grant_type": "client_credentials"},
        timeout=_TIMEOUT,
    ).json()["access_token"]
    answer = requests.request(
        method,
        f"{os.environ['SINCH_API_URL']}/v1/projects/{path}",
        headers={"Authorization": f"Bearer {token}"},
        json=body,
        timeout=_TIMEOUT,
    )
    answer.raise_for_status()
    return answer.json() if answer.content else None


def _fields(props: dict[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in ("target", "triggers", "secret")}


class TutorialProvider(ResourceProvider):
    """Sends one request and its token request for each operation."""

    serialize_as_secret_always = False

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the fields."""
        return DiffResult(changes=_fields(olds) != _fields(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """POST."""
        webhook = _call("POST", f"{props['project_id']}/webhooks", _fields(props))
        return CreateResult(webhook["id"], props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """GET."""
        webhook = _call("GET", f"{props['project_id']}/webhooks/{id_}")
        return ReadResult(id_, {**props, "target": webhook["target"], "triggers": webhook["triggers"]})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """PUT."""
        _call("PUT", f"{news['project_id']}/webhooks/{_id}", _fields(news))
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """DELETE."""
        _call("DELETE", f"{props['project_id']}/webhooks/{_id}")


class TutorialWebhook(Resource, module="tutorial", name="Webhook"):
    """A webhook."""

    def __init__(self, name: str, *, target: str, triggers: list[str], secret: str, project_id: str) -> None:
        """Declare it."""
        super().__init__(
            TutorialProvider(),
            name,
            {
                "target": target,
                "triggers": triggers,
                "secret": Output.secret(secret),
                "project_id": project_id,
            },
            ResourceOptions(additional_secret_outputs=["secret"]),
        )
