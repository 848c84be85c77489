"""Credentials and settings from stack config and environment, on the real engine."""

import requests
from e2e.harness import Stack

ONE = 'SinchWebhook("senders", target="https://hooks.example.com/", triggers=["ALL"])\n'


def take_from_environment(stack: Stack, *names: str) -> dict[str, str]:
    """Remove variables from the stack's environment and return them."""
    return {name: stack.environment.pop(name) for name in names}


def test_credentials_of_the_stack_config_serve_everything(stack: Stack) -> None:
    """With credentials in the stack config, `up`, a preview with refresh, and destroy need no variables.

    If the key was revoked, the error of refresh says that refresh uses the config of the last `up`.
    """
    taken = take_from_environment(
        stack, "SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET", "SINCH_API_URL", "SINCH_AUTH_URL"
    )
    plain = [
        f"sinch:projectId={taken['SINCH_PROJECT_ID']}",
        f"sinch:keyId={taken['SINCH_KEY_ID']}",
        f"sinch:apiUrl={taken['SINCH_API_URL']}",
        f"sinch:authUrl={taken['SINCH_AUTH_URL']}",
        "sinch:timeout=20",
    ]
    options = [part for value in plain for part in ("--plaintext", value)]
    secret = f"sinch:keySecret={taken['SINCH_KEY_SECRET']}"
    stack.pulumi("config", "set-all", *options, "--secret", secret)
    stack.write(ONE)
    stack.up()
    stack.assert_preview_is_empty("--refresh")
    key_id, projects = taken["SINCH_KEY_ID"], [stack.emulator.project_id]
    stack.emulator.add_key(key_id, "rotated-key-secret", projects)
    shown = stack.refresh(fails=True).output
    assert "`pulumi refresh` and `pulumi destroy` use the config of the last `pulumi up` unless" in shown
    assert "senders" in stack.state()
    stack.emulator.add_key(key_id, taken["SINCH_KEY_SECRET"], projects)
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_a_ready_access_token_is_enough(stack: Stack) -> None:
    """With an access token, no token is fetched. An expired one is reported."""
    key = take_from_environment(stack, "SINCH_KEY_ID", "SINCH_KEY_SECRET")
    answer = requests.post(
        f"{stack.emulator.url}/oauth2/token",
        auth=(key["SINCH_KEY_ID"], key["SINCH_KEY_SECRET"]),
        data={"grant_type": "client_credentials"},
        timeout=10,
    )
    stack.environment["SINCH_ACCESS_TOKEN"] = answer.json()["access_token"]
    stack.write(ONE)
    stack.calls()
    stack.up()
    assert stack.calls() == ["GET 200", "POST 201"]
    stack.emulator.expire_tokens()
    shown = stack.refresh(fails=True).output
    assert "HTTP 401" in shown
    assert "sinch:accessToken (SINCH_ACCESS_TOKEN)" in shown


def test_a_setting_that_cannot_be_used_fails_the_preview(stack: Stack) -> None:
    """All invalid settings are reported at once, with config key and variable.

    For a misspelt setting, the error suggests the right name.
    """
    stack.environment["SINCH_API_URL"] = "http://api.example.com"
    stack.write(ONE)
    shown = stack.preview(
        "--config", "sinch:timeout=soon", "--config", "sinch:project=1234", fails=True
    ).output
    assert "sinch:timeout (SINCH_TIMEOUT) must be a number of seconds" in shown
    assert "sinch:apiUrl (SINCH_API_URL) must begin with https://" in shown
    assert "unknown setting `sinch:project`, did you mean `sinch:projectId`?" in shown
