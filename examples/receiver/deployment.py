"""A placeholder for the deployment of your receiver: a container service, a function, a Kubernetes Secret.

This deployment replaces a file with the secrets. The running receiver reads the file at each callback. So the
receiver accepts the new secrets as soon as the resource is created or updated. `__main__.py` relies on this:
it updates the webhook after the receiver.
"""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult


class ReceiverProvider(ResourceProvider):
    serialize_as_secret_always = False  # the class is not secret, so the state shows it as plain text

    def create(self, props: dict[str, Any]) -> CreateResult:
        write_secrets(Path(props["secrets_file"]), props["secrets"])
        return CreateResult("receiver", props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        write_secrets(Path(news["secrets_file"]), news["secrets"])
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        Path(props["secrets_file"]).unlink(missing_ok=True)


class Receiver(Resource):
    def __init__(
        self,
        name: str,
        *,
        secrets: pulumi.Input[list[str]],
        secrets_file: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "secrets": pulumi.Output.secret(secrets),
            "secrets_file": str(Path(secrets_file).resolve()),
        }
        super().__init__(ReceiverProvider(), name, props, opts)


def write_secrets(path: Path, secrets: list[str]) -> None:
    """Replace the file in one step. Only the owner of the file can read it."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(secrets, file)
    new.replace(path)
