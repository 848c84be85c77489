import * as sinch from "@pulumi-sinch/sinch";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const senders = new sinch.Webhook("senders", {
    target: config.get("target") ?? "http://127.0.0.1:8000/sinch",
    triggers: [sinch.Trigger.WhatsappSenderActive, sinch.Trigger.WhatsappSenderInactive],
    secretVersion: config.get("secretVersion"), // a new version generates a new secret
});

export const webhookId = senders.id;
export const secret = senders.secret;
export const previousSecret = senders.previousSecret;
