"""The webhooks of one environment, as configured in its Pulumi.<stack>.yaml."""

import pulumi
from callbacks import declare, wanted_webhooks
from rules import Rules, enforce

config = pulumi.Config()

wanted = wanted_webhooks(config.require_object("webhooks"))
enforce(Rules.read(config.require_object("rules")), wanted)
webhooks = declare(wanted, protect=config.get_bool("protect") or False)

pulumi.export("ids", {name: webhook.webhook_id for name, webhook in webhooks.items()})
pulumi.export("secrets", {name: webhook.secret for name, webhook in webhooks.items()})
