"""The webhooks of one customer. `fleet.py` runs this program once for each customer."""

import os
from pathlib import Path

import pulumi
import yaml
from pulumi_sinch import SinchWebhook

file = Path(os.environ.get("FLEET_CUSTOMERS") or Path(__file__).parent.parent / "customers.yaml")
fleet = yaml.safe_load(file.read_text())
customer = fleet["customers"][pulumi.get_stack()]

for name, webhook in fleet["webhooks"].items():
    created = SinchWebhook(
        name,
        target=f"https://{customer['host']}/{webhook['path']}",
        triggers=webhook["triggers"],
        project_id=customer["project_id"],
        secret_version=customer.get("secret_version"),  # a new value generates new secrets
        adopt=os.environ.get("FLEET_ADOPT") == "1",  # fleet.py up --adopt
    )
    pulumi.export(f"{name}Secret", created.secret)
