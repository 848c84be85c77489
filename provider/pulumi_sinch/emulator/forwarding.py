"""Forward events to one local receiver instead of the targets of the webhooks."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from pulumi_sinch.urls import is_http_url


@dataclass(frozen=True)
class Forwarding:
    """The local receiver to which all events go instead of to the targets.

    Attributes:
        url: URL of the receiver.
        keep_path: Whether to append the path and the query of the target to `url`.
    """

    url: str
    keep_path: bool = False

    def __post_init__(self) -> None:
        """Validate the URL.

        Raises:
            ValueError: `url` is not an http(s) URL. With `keep_path`, a query or a fragment in `url` is also
                an error, because no path can be appended to such a URL.
        """
        if not is_http_url(self.url):
            raise ValueError("the receiver of forwarded events must be an http or https URL")
        parts = urlsplit(self.url)
        if self.keep_path and (parts.query or parts.fragment):
            raise ValueError(
                "a receiver that gets the paths of the targets must have no query and no fragment"
            )

    def url_for(self, target: str) -> str:
        """Return the URL to which events for a target are forwarded."""
        if not self.keep_path:
            return self.url
        receiver, kept = urlsplit(self.url), urlsplit(target)
        return urlunsplit(
            (receiver.scheme, receiver.netloc, receiver.path.rstrip("/") + (kept.path or "/"), kept.query, "")
        )
