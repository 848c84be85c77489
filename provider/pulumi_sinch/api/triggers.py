"""The events that a webhook can subscribe to."""

from enum import Enum, EnumMeta
from typing import TYPE_CHECKING


class _TriggerType(EnumMeta):
    """The metaclass of `Trigger`. It suggests the right name for a misspelt member."""

    # If type checkers saw this method, they would accept any name of a member.
    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> object:
            """Raise an error that names a similar member.

            For an existing member, return the member: Python before 3.12 calls this method for members too.
            """
            if name.startswith("_"):
                raise AttributeError(name)
            if name in cls._member_map_:
                return cls._member_map_[name]
            similar = similar_trigger(name)
            meant = f": did you mean {similar}?" if similar else ""
            raise AttributeError(f"Trigger has no member {name}{meant}", name=name)


class Trigger(str, Enum, metaclass=_TriggerType):
    """An event of the Sinch Provisioning API that a webhook can subscribe to.

    The members are the triggers in Sinch's OpenAPI description (CONTRACT.md, Triggers). Sinch adds new
    triggers every few releases. A webhook with ``allow_unknown_triggers=True`` accepts triggers that are not
    members.
    """

    ALL = "ALL"
    BUNDLE_DONE = "BUNDLE_DONE"
    KAKAOTALK_SENDER_ACTIVE = "KAKAOTALK_SENDER_ACTIVE"
    KAKAOTALK_SENDER_COMMENT_ADDED = "KAKAOTALK_SENDER_COMMENT_ADDED"
    KAKAOTALK_SENDER_INACTIVE = "KAKAOTALK_SENDER_INACTIVE"
    KAKAOTALK_SENDER_REJECTED = "KAKAOTALK_SENDER_REJECTED"
    KAKAOTALK_TEMPLATE_APPROVED = "KAKAOTALK_TEMPLATE_APPROVED"
    KAKAOTALK_TEMPLATE_COMMENT_ADDED = "KAKAOTALK_TEMPLATE_COMMENT_ADDED"
    KAKAOTALK_TEMPLATE_REJECTED = "KAKAOTALK_TEMPLATE_REJECTED"
    RCS_BRAND_REGISTRATION_PROCESS_STATUS_UPDATED = "RCS_BRAND_REGISTRATION_PROCESS_STATUS_UPDATED"
    RCS_SENDER_COMMENT_ADDED = "RCS_SENDER_COMMENT_ADDED"
    RCS_SENDER_OPERATOR_STATUS_UPDATED = "RCS_SENDER_OPERATOR_STATUS_UPDATED"
    RCS_SENDER_STATUS_UPDATED = "RCS_SENDER_STATUS_UPDATED"
    RCS_ACCOUNT_COMMENT_ADDED = "RCS_ACCOUNT_COMMENT_ADDED"
    WHATSAPP_ACCOUNT_COMMENT_ADDED = "WHATSAPP_ACCOUNT_COMMENT_ADDED"
    WHATSAPP_ACCOUNT_DAILY_LIMIT_CHANGED = "WHATSAPP_ACCOUNT_DAILY_LIMIT_CHANGED"
    WHATSAPP_ACCOUNT_ONBOARDED = "WHATSAPP_ACCOUNT_ONBOARDED"
    WHATSAPP_ACCOUNT_PENDING_VERIFICATION = "WHATSAPP_ACCOUNT_PENDING_VERIFICATION"
    WHATSAPP_ACCOUNT_REJECTED = "WHATSAPP_ACCOUNT_REJECTED"
    WHATSAPP_WABA_ACCOUNT_CHANGED = "WHATSAPP_WABA_ACCOUNT_CHANGED"
    WHATSAPP_SENDER_ACTIVE = "WHATSAPP_SENDER_ACTIVE"
    WHATSAPP_SENDER_COMMENT_ADDED = "WHATSAPP_SENDER_COMMENT_ADDED"
    WHATSAPP_SENDER_DAILY_LIMIT_CHANGED = "WHATSAPP_SENDER_DAILY_LIMIT_CHANGED"
    WHATSAPP_SENDER_DELETED = "WHATSAPP_SENDER_DELETED"
    WHATSAPP_SENDER_DISPLAY_NAME_UPDATED = "WHATSAPP_SENDER_DISPLAY_NAME_UPDATED"
    WHATSAPP_SENDER_ERROR = "WHATSAPP_SENDER_ERROR"
    WHATSAPP_SENDER_INACTIVE = "WHATSAPP_SENDER_INACTIVE"
    WHATSAPP_SENDER_PENDING_VERIFICATION = "WHATSAPP_SENDER_PENDING_VERIFICATION"
    WHATSAPP_SENDER_QUALITY_RATING_CHANGED = "WHATSAPP_SENDER_QUALITY_RATING_CHANGED"
    WHATSAPP_SENDER_REJECTED = "WHATSAPP_SENDER_REJECTED"
    WHATSAPP_SENDER_USERNAME_UPDATED = "WHATSAPP_SENDER_USERNAME_UPDATED"
    WHATSAPP_TEMPLATE_APPROVED = "WHATSAPP_TEMPLATE_APPROVED"
    WHATSAPP_TEMPLATE_CATEGORY_FUTURE_UPDATE = "WHATSAPP_TEMPLATE_CATEGORY_FUTURE_UPDATE"
    WHATSAPP_TEMPLATE_CATEGORY_UPDATED = "WHATSAPP_TEMPLATE_CATEGORY_UPDATED"
    WHATSAPP_TEMPLATE_COMMENT_ADDED = "WHATSAPP_TEMPLATE_COMMENT_ADDED"
    WHATSAPP_TEMPLATE_DELETED = "WHATSAPP_TEMPLATE_DELETED"
    WHATSAPP_TEMPLATE_QUALITY_SCORE_UPDATED = "WHATSAPP_TEMPLATE_QUALITY_SCORE_UPDATED"
    WHATSAPP_TEMPLATE_REJECTED = "WHATSAPP_TEMPLATE_REJECTED"
    WHATSAPP_TEMPLATE_STATUS_UPDATED = "WHATSAPP_TEMPLATE_STATUS_UPDATED"

    def __str__(self) -> str:
        """Return the trigger's name as the API spells it."""
        return self.value


def similar_trigger(name: str) -> str:
    """Return the trigger most similar to a misspelt name, or an empty string. Ignores case."""
    from difflib import get_close_matches  # noqa: PLC0415 - most programs misspell no trigger

    found = get_close_matches(name.upper(), sorted(trigger.value for trigger in Trigger), n=1)
    return found[0] if found else ""
