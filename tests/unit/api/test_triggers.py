import pickle

import pytest
from pulumi_sinch.api.triggers import Trigger, similar_trigger


@pytest.mark.parametrize("name", ["WHATSAPP_SENDER_ACTIV", "whatsapp_sender_active"])
def test_a_misspelt_member_suggests_the_right_one(name: str) -> None:
    """The error for a misspelt member names it and a similar one."""
    with pytest.raises(
        AttributeError, match=f"^Trigger has no member {name}: did you mean WHATSAPP_SENDER_ACTIVE\\?$"
    ):
        getattr(Trigger, name)


def test_a_name_that_resembles_no_member() -> None:
    """A name that resembles no member has no suggestion, and Python's lookups of special names work."""
    with pytest.raises(AttributeError, match=r"^Trigger has no member SMS$"):
        getattr(Trigger, "SMS")  # noqa: B009 - the type checker knows that it is wrong
    assert not hasattr(Trigger, "__fspath__")
    assert similar_trigger("SMS") == ""


def test_a_trigger_is_an_ordinary_member() -> None:
    """A trigger can be looked up by name and by value, and can be pickled."""
    active = Trigger.WHATSAPP_SENDER_ACTIVE
    assert active is Trigger["WHATSAPP_SENDER_ACTIVE"] is Trigger("WHATSAPP_SENDER_ACTIVE")
    assert pickle.loads(pickle.dumps(active)) is active  # noqa: S301 - our own
