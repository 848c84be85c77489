package main

import (
	"github.com/pulumi-sinch/pulumi-sinch/sdk/go/sinch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		args := &sinch.WebhookArgs{
			Target:   pulumi.String("http://127.0.0.1:8000/sinch"),
			Triggers: pulumi.StringArray{sinch.TriggerWhatsappSenderActive, sinch.TriggerWhatsappSenderInactive},
		}
		settings := config.New(ctx, "")
		if target := settings.Get("target"); target != "" {
			args.Target = pulumi.String(target)
		}
		if version := settings.Get("secretVersion"); version != "" {
			args.SecretVersion = pulumi.String(version) // a new version generates a new secret
		}
		senders, err := sinch.NewWebhook(ctx, "senders", args)
		if err != nil {
			return err
		}
		ctx.Export("webhookId", senders.ID())
		ctx.Export("secret", senders.Secret)
		ctx.Export("previousSecret", senders.PreviousSecret)
		return nil
	})
}
