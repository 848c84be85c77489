"""The command line: ``pulumi-sinch`` (extra ``tools``). Each command loads its module only when it runs."""

try:
    import click
except ModuleNotFoundError:
    raise SystemExit("pulumi-sinch needs a few more packages: pip install 'pulumi-sinch[tools]'") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulumi-sinch")
def main() -> None:
    """Tools around the Sinch webhooks of your Pulumi stacks."""
