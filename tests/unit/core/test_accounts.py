import pytest
import requests
from pulumi_sinch.core.accounts import open_account
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
from unit.fakes import FakeTime


def ready_token(emulator: Emulator) -> str:
    key = (emulator.key_id, emulator.key_secret)
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{emulator.url}/oauth2/token", form, auth=key, timeout=10)
    token: str = answer.json()["access_token"]
    emulator.journal.clear()
    return token


@pytest.mark.parametrize(
    ("way", "calls"),
    [("oauth2", ["POST 200", "GET 200"]), ("basic", ["GET 200"]), ("access token", ["GET 200"])],
)
def test_an_account_proves_itself_as_its_settings_say(
    way: str, calls: list[str], sinch_emulator: Emulator
) -> None:
    """An account uses a fetched token, the key itself or a given token, according to its settings."""
    environment = dict(sinch_emulator.environment)
    if way == "access token":
        environment = {
            **{key: value for key, value in environment.items() if "KEY" not in key},
            "SINCH_ACCESS_TOKEN": ready_token(sinch_emulator),
        }
    config = {"sinch:auth": "basic"} if way == "basic" else {}
    account = open_account(Settings.read(config.get, environment), FakeTime().clock)
    assert account.client.list(sinch_emulator.project_id, account.deadline()) == []
    account.client._transport.close()
    assert [f"{entry.method} {entry.status}" for entry in sinch_emulator.journal.entries()] == calls
