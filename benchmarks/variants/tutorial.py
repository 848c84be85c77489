"""A dynamic provider as in tutorials. Each request to Sinch needs a new token and a new connection."""

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
    """Sends two requests for each operation: one for a token, and one to the API."""

    serialize_as_secret_always = False

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Return whether target, triggers or secret change."""
        return DiffResult(changes=_fields(olds) != _fields(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the webhook with a POST."""
        webhook = _call("POST", f"{props['project_id']}/webhooks", _fields(props))
        return CreateResult(webhook["id"], props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the webhook with a GET."""
        webhook = _call("GET", f"{props['project_id']}/webhooks/{id_}")
        return ReadResult(id_, {**props, "target": webhook["target"], "triggers": webhook["triggers"]})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Replace the fields of the webhook with a PUT."""
        _call("PUT", f"{news['project_id']}/webhooks/{_id}", _fields(news))
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the webhook with a DELETE."""
        _call("DELETE", f"{props['project_id']}/webhooks/{_id}")


class TutorialWebhook(Resource, module="tutorial", name="Webhook"):
    """A webhook at Sinch, managed by the tutorial's provider."""

    def __init__(self, name: str, *, target: str, triggers: list[str], secret: str, project_id: str) -> None:
        """Declare the webhook."""
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
