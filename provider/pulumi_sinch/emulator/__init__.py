"""A local emulator of Sinch's API: webhooks, access tokens, callbacks, and faults on demand.

The package needs the extra ``tools`` of pulumi-sinch. Its modules are:

emulator          the class `Emulator`
pytest_plugin     the fixture ``sinch_emulator``
http_server       the HTTP server, with connections that a fault can break
app               the Flask application: adds requests to the journal, applies faults, calls the routes
token_endpoint, webhooks_api, control_api, page    the routes of the application
responses, errors                                  responses that the routes share
backend           the state of one emulator, which the routes use
store, validation                                  webhooks, and the rules for their fields
state_file, state_lock                             the file that stores the webhooks
authentication    access keys, tokens, and the clock for the expiry of tokens
faults            failures on demand
rate_limits       limits for projects and access keys
journal, response_bodies, log                      a log of the latest requests, without secrets
delivery, forwarding, known_triggers               callbacks to the targets of webhooks
hosts             the accepted values of the `Host` header, and the emulator's own addresses
problems          readable sentences for validation errors
openapi.json      the description of the control API
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_sinch.emulator.emulator import Emulator

__all__ = ["Emulator"]


def __getattr__(name: str) -> object:
    """Import `Emulator` only on first use.

    Every pytest run imports this package to load the pytest plugin, so the import must be fast.
    """
    if name != "Emulator":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from pulumi_sinch.emulator.emulator import Emulator  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"filelock", "flask", "werkzeug"}:
            raise
        raise ModuleNotFoundError(
            "The emulator needs more packages: pip install 'pulumi-sinch[tools]'", name=error.name
        ) from None
    return Emulator
