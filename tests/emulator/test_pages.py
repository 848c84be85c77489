"""The list request: order, pages and errors."""

import pytest
import requests
from pulumi_sinch.emulator import Emulator


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    refused = answer.json()
    assert refused["resolution"]
    return answer.status_code, refused["errorCode"], refused["message"]


def test_the_default_page_holds_all_fifteen_in_alphabetical_order(
    api: requests.Session, sinch_emulator: Emulator
) -> None:
    """Without parameters, the list is one page of up to 15 webhooks by target, without page tokens."""
    targets = [f"https://a.example/{letter}" for letter in "odjbaecmgfkhnli"]
    for target in targets:
        sinch_emulator.create_webhook(target, secret="never-shown")
    answer = api.get("")
    page = answer.json()
    assert answer.status_code == 200
    assert sorted(page) == ["pageSize", "totalSize", "webhooks"]
    assert (page["totalSize"], page["pageSize"]) == (15, 15)
    assert [webhook["target"] for webhook in page["webhooks"]] == sorted(targets)
    assert "never-shown" not in answer.text


def test_pages_can_be_followed_both_ways(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The tokens nextPageToken and previousPageToken lead through all pages in both directions."""
    for number in range(5):
        sinch_emulator.create_webhook(f"https://{number}.example")
    first = api.get("", params={"pageSize": 2}).json()
    second = api.get("", params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    third = api.get("", params={"pageSize": 2, "pageToken": second["nextPageToken"]}).json()
    pages = [[webhook["target"] for webhook in page["webhooks"]] for page in (first, second, third)]
    assert pages == [
        ["https://0.example", "https://1.example"],
        ["https://2.example", "https://3.example"],
        ["https://4.example"],
    ]
    assert {page["totalSize"] for page in (first, second, third)} == {5}
    assert "previousPageToken" not in first
    assert "nextPageToken" not in third
    back = api.get("", params={"pageSize": 2, "pageToken": third["previousPageToken"]}).json()
    assert back == second


@pytest.mark.parametrize("size", ["0", "16", "-1", "x", "1.5", "", "1e1", "٣"])
def test_a_page_size_is_a_number_from_1_to_15(api: requests.Session, size: str) -> None:
    """A page size other than 1 to 15 is 400 invalid_page_size."""
    answer = api.get("", params={"pageSize": size})
    assert refusal(answer) == (400, "invalid_page_size", "Page size must be numeric.")


@pytest.mark.parametrize("token", ["", "x", "cGFnZTox=", "cGFnZTotMQ", "é", "cGFnZTow\n"])
def test_a_page_token_is_one_that_an_answer_gave(api: requests.Session, token: str) -> None:
    """A page token that no response contained is 400 invalid_page_token."""
    answer = api.get("", params={"pageToken": token})
    assert refusal(answer) == (400, "invalid_page_token", "Invalid page token.")
