"""Read the customers in `customers.yaml`, and select the customers of a command or a shard."""

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

SINCH_VARIABLES = ("SINCH_KEY_ID", "SINCH_KEY_SECRET")
MAX_WEBHOOKS = 15
"""Maximum number of webhooks in a Sinch project."""


class FleetError(Exception):
    """The command or the file with the customers contains a mistake. Nothing was changed."""


class CredentialsError(FleetError):
    """The environment does not contain the access key of a customer."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Webhook(_Strict):
    """A webhook that every customer gets."""

    path: str
    triggers: list[str]


class Customer(_Strict):
    """A customer. Each customer has a separate Sinch project and a separate Pulumi stack."""

    project_id: str
    host: str
    credentials: str = Field(default="", pattern=r"^[A-Z][A-Z0-9_]*$|^$")
    secret_version: str | int | None = None

    def sinch_variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables with the access key of this customer, from the environment.

        Raises:
            CredentialsError: The environment does not contain the access key.
        """
        prefix = f"{self.credentials}_" if self.credentials else ""
        missing = [prefix + name for name in SINCH_VARIABLES if not environment.get(prefix + name)]
        if missing:
            raise CredentialsError(f"set {' and '.join(missing)}")
        return {name: environment[prefix + name] for name in SINCH_VARIABLES}


class Fleet(_Strict):
    """The content of `customers.yaml`."""

    webhooks: dict[str, Webhook] = Field(max_length=MAX_WEBHOOKS)
    customers: dict[str, Customer]

    @field_validator("customers")
    @classmethod
    def _valid_customers(cls, customers: dict[str, Customer]) -> dict[str, Customer]:
        projects: dict[str, str] = {}
        for name, customer in customers.items():
            if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
                raise ValueError(f"{name!r} cannot be the name of a stack: use letters, digits, - and _")
            other = projects.setdefault(customer.project_id, name)
            if other != name:
                raise ValueError(f"{other} and {name} have the same project_id")
        return customers


def read_fleet(file: Path) -> Fleet:
    """Read the file with the customers.

    Raises:
        FleetError: The file cannot be read, or contains a mistake.
    """
    try:
        return Fleet.model_validate(yaml.safe_load(file.read_text()))
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors()
        )
        raise FleetError(f"{file}: {mistakes}") from None
    except (OSError, yaml.YAMLError) as error:
        raise FleetError(f"{file}: {error}") from None


def select(names: Collection[str], wanted: Collection[str] = (), shard: str = "1/1") -> list[str]:
    """Return the names of the selected customers, sorted.

    Args:
        names: The names of all customers.
        wanted: The customers to select. If empty, all customers.
        shard: ``I/N`` selects part I of N parts. The N parts have nearly equal sizes, and each customer is in
            exactly one part.

    Raises:
        FleetError: A customer in `wanted` does not exist, or `shard` is invalid.
    """
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise FleetError(f"no such customer: {', '.join(unknown)}")
    index, _, count = shard.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise FleetError(f"--shard must be I/N, such as 2/4, not {shard!r}")
    return sorted({*(wanted or names)})[int(index) - 1 :: int(count)]
