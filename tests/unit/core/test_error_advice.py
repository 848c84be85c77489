import pytest
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    AnswerLostError,
    ApiError,
    ConnectionFailedError,
    DeadlineExceededError,
    InternalError,
    InvalidInputError,
    SinchError,
    TokenError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core import error_advice, run_state
from pulumi_sinch.core.settings import Settings
from unit.fakes import FakeTime

TARGET = "https://hooks.example.com/a?token=t4rget-token"
KEY = Settings(key_id="key-id", key_secret="key-s3cret")


class Listing:
    """A fake cache."""

    project_id = "p"

    def __init__(
        self,
        *webhooks: Webhook,
        fresh: tuple[Webhook, ...] | None = None,
        fails: bool = False,
        written: str = "",
    ) -> None:
        self._cached = {webhook.id: webhook for webhook in webhooks}
        self._fresh = self._cached if fresh is None else {webhook.id: webhook for webhook in fresh}
        self._fails = fails
        self.written = written

    def webhooks(self, deadline: Deadline, *, max_age: float) -> dict[str, Webhook]:
        assert deadline.remaining()
        if self._fails:
            raise ConnectionFailedError("no connection")
        return self._cached if max_age else self._fresh


def hint(
    error: SinchError,
    settings: Settings = KEY,
    listing: Listing | None = None,
    kind: error_advice.OperationKind = "delete",
) -> str:
    cache = Listing() if listing is None else listing
    run_state.start_run()
    run_state.current().record_write(cache.written, TARGET)
    error_advice.add_hint(kind, error, settings, cache, TARGET, FakeTime().deadline())  # type: ignore[arg-type]
    return error.hint


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            AnswerLostError("lost", ambiguous=True),
            ["may have taken effect", "Run the command again. It is safe to repeat."],
        ),
        (AnswerLostError("lost"), ["Nothing was changed", "sinch:timeout (SINCH_TIMEOUT)"]),
        (DeadlineExceededError("late"), ["Nothing was changed", "sinch:timeout (SINCH_TIMEOUT)"]),
        (ConnectionFailedError("none"), ["Nothing was changed", "sinch:apiUrl (SINCH_API_URL)"]),
        (UnexpectedResponseError("html"), ["Nothing was changed", "proxy", "sinch:apiUrl (SINCH_API_URL)"]),
        (
            UnexpectedResponseError("html", ambiguous=True),
            ["may have taken effect", "proxy or gateway", "sinch:apiUrl", "Run the command again."],
        ),
        (ApiError("x", status=403), ["Nothing was changed", "proxy", "sinch:apiUrl"]),
        (
            ApiError("x", status=403, ambiguous=True),
            [
                "may have taken effect",
                "or a proxy rejects the request",
                "sinch:keyId",
                "Run the command again.",
            ],
        ),
        (ApiError("x", status=499, ambiguous=True), ["may have taken effect", "proxy or gateway"]),
        (
            ApiError("x", status=400, error_code="new_code"),
            ["Nothing was changed", "Correct what Sinch's message"],
        ),
        (InvalidInputError("x", status=400, error_code="invalid_input"), ["Correct what Sinch's message"]),
        (
            ApiError("x", status=451, error_code="new_code"),
            ["Nothing was changed", "Correct what Sinch's message"],
        ),
        (InternalError("x", status=500, error_code="internal_error"), ["Nothing was changed", "later"]),
        (InternalError("x", status=500, ambiguous=True), ["may have taken effect"]),
        (
            WebhookNotFoundError("x", status=404),
            ["Project p no longer has this webhook", "pulumi up --refresh"],
        ),
        (
            WebhookNotFoundError("x", status=404, ambiguous=True),
            ["Project p no longer has this webhook", "pulumi up --refresh"],
        ),
        (TokenError("x", status=401), ["sinch:keyId (SINCH_KEY_ID)", "sinch:keySecret", "--run-program"]),
        (
            TokenError("x", status=400, error_code="invalid_client"),
            ["sinch:keyId (SINCH_KEY_ID)", "sinch:keySecret", "--run-program"],
        ),
        (TokenError("x", status=403), ["Sinch rejects the access key", "sinch:keyId (SINCH_KEY_ID)"]),
        (TokenError("x", status=402), ["sinch:authUrl (SINCH_AUTH_URL)"]),
        (TokenError("x", status=503), ["unavailable", "later"]),
        (TokenError("x", status=429), ["unavailable", "later"]),
        (TokenError("x", status=404), ["sinch:authUrl (SINCH_AUTH_URL)"]),
        (TokenError("x", status=302), ["sinch:authUrl (SINCH_AUTH_URL)"]),
    ],
)
def test_what_to_do_next(error: SinchError, words: list[str]) -> None:
    """Each kind of error says whether anything changed at Sinch, and gives the next step."""
    text = hint(error)
    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (KEY, "accepts the access key in sinch:keyId (SINCH_KEY_ID), but the key has no access to project p"),
        (
            Settings(key_id="i", key_secret="s", auth="basic"),
            "rejects the access key in sinch:keyId (SINCH_KEY_ID), or",
        ),
        (
            Settings(access_token="t0ken"),
            "rejects the access token in sinch:accessToken (SINCH_ACCESS_TOKEN), or",
        ),
    ],
)
def test_wrong_project_or_wrong_credentials(settings: Settings, words: str) -> None:
    """If the token endpoint accepts the key, the hint blames the project, else the credentials."""
    text = hint(UnauthorizedError("x", status=401), settings)
    assert words in text
    assert "project p: check project_id or sinch:projectId (SINCH_PROJECT_ID)" in text
    assert "--run-program" in text
    assert "t0ken" not in text


@pytest.mark.parametrize("settings", [KEY, Settings(access_token="t0ken")])
def test_a_webhook_in_a_project_that_the_credentials_do_not_open(settings: Settings) -> None:
    """The hint of a delete names the project in the state, the webhook and both ways out."""
    text = error_advice.locked_webhook(settings, "p", "an\x1bid")
    assert "webhook an id is in that project" in text
    for way in (
        "Restore the credentials of project p for one run",
        "pulumi state delete URN",
        "--run-program",
    ):
        assert way in text
    assert "check project_id" not in text
    assert "t0ken" not in text


OWNER = Webhook(id="owner-id", target=TARGET)


@pytest.mark.parametrize(
    ("listing", "who"),
    [
        (Listing(OWNER), "Webhook owner-id of project p"),
        (Listing(fresh=(OWNER,)), "Webhook owner-id of project p"),
        (Listing(fails=True), "Another webhook of project p"),
        (Listing(Webhook(id="x", target="https://h.example/")), "Another webhook of project p"),
        (Listing(Webhook(id="own\x1b[31mer\n", target=TARGET)), "Webhook own [31mer of project p"),
    ],
)
def test_a_taken_target(listing: Listing, who: str) -> None:
    """The hint names the webhook that has the target and the next steps, without the target."""
    text = hint(WebhookExistsError("x", status=409), listing=listing)
    assert text.startswith(who)
    assert all(way in text for way in ("adopt=True", "import-file", "aliases=", "delete_before_replace=True"))
    assert "t4rget-token" not in text


def test_a_lost_create_names_the_target() -> None:
    """Only the hint of a lost create mentions a create, with the redacted target."""
    lost = AnswerLostError("lost", ambiguous=True)
    text = hint(lost, kind="create")
    assert "https://hooks.example.com/a?… was created after all" in text
    assert "t4rget-token" not in text
    lost.hint = ""
    assert "created" not in hint(lost, kind="update")


@pytest.mark.parametrize("error", [TokenError("x", status=401), UnauthorizedError("x", status=401)], ids=repr)
def test_only_refresh_and_destroy_read_the_saved_config(error: SinchError) -> None:
    """Only errors of reads and deletes mention the saved config."""
    for kind, mentioned in (
        ("create", False),
        ("update", False),
        ("read", True),
        ("delete", True),
        ("list", False),
    ):
        error.hint = ""
        assert ("--run-program" in hint(error, kind=kind)) is mentioned  # type: ignore[arg-type]


@pytest.mark.parametrize("action", ["creating the webhook", "updating the webhook", "adopting the webhook"])
def test_a_target_that_another_resource_of_this_run_has(action: str) -> None:
    """If another resource of the run has the target, the hint does not advise to adopt or import."""
    text = hint(WebhookExistsError(action, status=409), listing=Listing(OWNER, written="owner-id"))
    assert text.startswith("Webhook owner-id of project p already has this target")
    assert "Nothing was changed at Sinch. Two resources of this program have the same target" in text
    assert not any(way in text for way in ("adopt=True", "import-file", "aliases="))
    lost = WebhookExistsError(action, status=409, ambiguous=True)
    assert error_advice.AMBIGUOUS in hint(lost, listing=Listing(OWNER, written="owner-id"))


def test_an_update_to_a_taken_target() -> None:
    """The hint of an update to a taken target does not advise to adopt or import."""
    text = hint(WebhookExistsError("updating the webhook", status=409), listing=Listing(OWNER))
    assert all(way in text for way in ("depends_on", "temporary target", "another run"))
    assert not any(way in text for way in ("adopt=True", "import-file", "aliases="))


def test_an_adoption_of_a_webhook_with_an_owner() -> None:
    """A failed adoption of a webhook with an owner is not advised to adopt it."""
    text = hint(WebhookExistsError("adopting the webhook", status=409), listing=Listing(OWNER))
    assert "A webhook has one owner: remove adopt=True" in text
    assert "import-file" not in text


def test_a_full_project() -> None:
    """The hint lists the webhooks that fill the quota, without the tokens in their targets."""
    webhooks = [
        Webhook(id=f"id-{number}", target=f"https://h.example/{number}?token=t4rget-token")
        for number in range(15)
    ]
    text = hint(WebhookLimitReachedError("x", status=424), listing=Listing(*webhooks))
    assert text.count("\n- id-") == 15
    assert "\n- id-7 https://h.example/7?…" in text
    assert "t4rget-token" not in text
    assert "15 webhooks" in hint(WebhookLimitReachedError("x", status=424), listing=Listing(fails=True))


def test_a_full_project_after_an_ambiguous_request() -> None:
    """The hint about a full project does not say that nothing was changed if an earlier POST is ambiguous."""
    error = WebhookLimitReachedError("x", status=424)
    error.ambiguous = True
    text = hint(error)
    assert text.startswith(error_advice.AMBIGUOUS)
    assert error_advice.UNCHANGED not in text


def test_a_listed_target_cannot_forge_lines() -> None:
    """Control characters in targets and ids of others are removed."""
    webhook = Webhook(id="a\nb", target="https://h.example/\n- forged\x1b[2J")
    text = hint(WebhookLimitReachedError("x", status=424), listing=Listing(webhook))
    assert text.count("\n") == 1
    assert "\x1b" not in text


def test_a_hint_that_is_there_stays() -> None:
    """An existing hint is kept."""
    error = ApiError("x", status=500)
    error.hint = "known"
    assert hint(error) == "known"


@pytest.mark.parametrize("incomplete_id", ["", "w1"])
def test_a_webhook_that_is_gone_before_its_create_is_complete(incomplete_id: str) -> None:
    """It was adopted or recovered, and somebody deleted it: nothing is left to adopt."""
    error = WebhookNotFoundError("x", status=404, ambiguous=bool(incomplete_id))
    error.incomplete_id = incomplete_id
    text = hint(error, kind="create")
    assert "was deleted" in text
    assert "Run the command again to create it." in text
    assert "adopt" not in text
