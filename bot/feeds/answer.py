"""An HTTP answer becomes a value: a body, "not modified", or a refusal with a cause a person can act on.

Pure: headers and bytes in, values out. Nothing here keeps an address's user, password or query in a message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from bot.errors import FetchFailed
from bot.text.urls import absolute_url

Headers = Mapping[str, str]

_MAX_AGE = re.compile(r"(?:^|[,\s])(no-store|no-cache|max-age\s*=\s*\"?(\d{1,12}))", re.IGNORECASE)
_LONGEST_VALIDATOR = 1_024  # an ETag longer than this would be sent back at each poll for nothing
_LINK = re.compile(r"<([^<>]{1,2000})>([^<]{0,1000})")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_CHALLENGE = re.compile(rb"cf-chl|challenge-platform|cf_chl_opt|Just a moment\.\.\.", re.IGNORECASE)
_CAUSES = {401: "http_401", 403: "http_403", 404: "http_404", 410: "http_410", 429: "http_429"}


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what was read last time still stands. Validators as the server gave them now, None when it gave none."""

    url: str
    permanent_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A body, decoded from its content coding, at most as long as the limit.

    `url` is where it was found, after redirects. `permanent_url` is the new address when the publisher said the feed
    has moved for good (301 or 308 from the first hop on); it is to be believed once the body proved to be a feed.
    `links`: what its Link headers name, absolute, by relation ("hub", "self").
    """

    url: str
    content: bytes
    content_type: str = ""
    status: int = 200
    permanent_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The body's fingerprint: the same one as last time needs no parse."""
        return sha256(self.content).hexdigest()[:32]


Fetched = Body | NotModified


class HttpRefused(FetchFailed):
    """The server answered, and not with a feed: `status`, and how long it asks to be left alone."""

    def __init__(self, cause: str, detail: str, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(cause, detail)
        self.status = status
        self.retry_after = retry_after


def refusal(status: int, headers: Headers, start: bytes) -> HttpRefused:
    """The failure that a status of 400 or more means; `start` is the beginning of its page.

    A Cloudflare challenge is told by `cf-mitigated: challenge`
    (https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/)
    or by its page, since some sites strip the header.
    """
    retry_after = read_retry_after(headers)
    wall = headers.get("cf-mitigated", "").lower() == "challenge"
    if wall or (
        status in {403, 429, 503} and "cloudflare" in headers.get("Server", "").lower() and _CHALLENGE.search(start)
    ):
        return HttpRefused("cloudflare", f"HTTP {status}", status, retry_after)
    if headers.get("x-amzn-waf-action") or headers.get("x-datadome"):
        return HttpRefused("bot_wall", f"HTTP {status}", status, retry_after)
    cause = _CAUSES.get(status) or ("http_5xx" if status >= 500 else "http_4xx")
    return HttpRefused(cause, f"HTTP {status}", status, retry_after)


def read_retry_after(headers: Headers) -> timedelta | None:
    """Retry-After in seconds or as a date against the server's own clock (RFC 9110 § 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), 10**8))
    return _until(value, headers)


def read_max_age(headers: Headers) -> timedelta | None:
    """How long the answer says it stays fresh: Cache-Control, else Expires (RFC 9111 § 4.2.1); None for not at all."""
    ages = []
    for found in _MAX_AGE.finditer(headers.get("Cache-Control", "")):
        if not found[2]:
            return None
        ages.append(int(found[2]))
    if ages:
        spent = headers.get("Age", "")
        left = min(ages[0], 10**8) - (int(spent[:9]) if spent.isdecimal() else 0)
        return timedelta(seconds=left) if left > 0 else None
    return _until(headers.get("Expires", ""), headers)


def read_validator(headers: Headers, name: str) -> str | None:
    """ETag or Last-Modified, verbatim: servers compare them letter by letter."""
    value = headers.get(name)
    return value if value and len(value) <= _LONGEST_VALIDATOR and value.isprintable() and value.isascii() else None


def read_links(header: str, base_url: str) -> dict[str, str]:
    """The first http(s) target of each relation in a Link header (RFC 8288), absolute."""
    links: dict[str, str] = {}
    for target, parameters in _LINK.findall(header):
        relation = _RELATION.search(parameters)
        address = absolute_url(target, base_url) if relation else None
        if relation and address:
            for name in (relation[1] or relation[2] or "").lower().split():
                links.setdefault(name, address)
    return links


def _until(date: str, headers: Headers) -> timedelta | None:
    """From the answer's Date (or now, without one) to `date`; None when that is no date or past."""
    if not date:
        return None
    try:
        then = _read_date(date)
        left = then - (_read_date(headers["Date"]) if "Date" in headers else datetime.now(UTC))
    except (TypeError, ValueError, OverflowError):
        return None
    return left if left > timedelta(0) else None


def _read_date(text: str) -> datetime:
    date = parsedate_to_datetime(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
