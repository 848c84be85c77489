"""A local emulator of Sinch: the webhooks API, the token endpoint, and faults on demand (extra ``tools``).

emulator          the class `Emulator`
pytest_plugin     the fixture ``sinch_emulator``
http_server       keep-alive connections, which a fault can break
app               the application: routes, journal and faults around each request
token_endpoint, webhooks_api, control_api, page    the routes
responses, errors                                  the responses that several routes use
backend           joins the modules below into the state that the routes use
store, validation                                  webhooks and their rules
state_file, state_lock                             the file that stores them
authentication    access keys, tokens, and their clock
faults            failures on demand
rate_limits       limits for projects and access keys
journal, response_bodies, log                      the latest requests, without secrets
delivery, forwarding, known_triggers               the callbacks
hosts             the accepted values of the `Host` header, and the emulator's own addresses
problems          sentences about invalid data
openapi.json      the description of the control API
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_sinch.emulator.emulator import Emulator

__all__ = ["Emulator"]


def __getattr__(name: str) -> object:
    """Load the server on first use, because every pytest loads this package for its plugin."""
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
