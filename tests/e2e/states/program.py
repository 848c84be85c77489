"""The program of the recorded states. Change it only together with all recordings."""

import os

import pulumi
from pulumi_sinch import SinchWebhook, Trigger

SinchWebhook("generated", target="https://hooks.example.com/generated", triggers=["ALL"])
SinchWebhook(
    "given",
    target="https://hooks.example.com/given",
    triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_INACTIVE],
    secret=pulumi.Output.secret("a-sample-secret-given-by-the-program"),
)
rotated = SinchWebhook(
    "rotated",
    target="https://hooks.example.com/rotated",
    triggers=["RCS_SENDER_STATUS_UPDATED"],
    secret_version=os.environ.get("RECORDING_ROTATION", "2"),
)
SinchWebhook(
    "adopted",
    target="https://hooks.example.com/adopted",
    triggers=["BUNDLE_DONE"],
    adopt="RECORDING_ROTATION" in os.environ,
)
SinchWebhook(
    "newer",
    target="https://hooks.example.com/newer",
    triggers=["A_NEWER_TRIGGER"],
    allow_unknown_triggers=True,
)
pulumi.export("rotated", rotated.secret)
