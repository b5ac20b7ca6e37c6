"""What a feed says of its hub becomes a subscription, and what the hub says a yes or a no. Pure: no I/O, no clock.

W3C WebSub (https://www.w3.org/TR/websub/): a publisher names its hub and itself, a subscriber asks the hub for that
topic with a callback and a secret, the hub verifies that it was meant, then posts each new body with an HMAC of it.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.feeds.answer import Body
from bot.feeds.parse import Document

PATH = "/websub/"  # of the callbacks, under the bot's public address
_ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})  # § 7.1.2: those a hub may sign with
_LONGEST_SIGNATURE = 200
_LONGEST_CHALLENGE = 2_000
_ASKED = timedelta(days=10)
_SHORTEST_LEASE, _LONGEST_LEASE = timedelta(minutes=1), timedelta(days=30)
_RENEWED_AT = 0.75  # of the lease: room for a hub that is down for a while
_FIRST_RETRY, _LONGEST_RETRY = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A hub that says it will push `topic`, the address its publisher calls the feed by."""

    hub: str
    topic: str


def read_offer(answer: Body, document: Document) -> Offer | None:
    """The hub and self of the Link headers, else of the document (§ 4); None unless both are named.

    A hub in clear for a feed that is not is refused: whoever reads the line would know the secret.
    """
    hub = answer.links.get("hub") or document.hub
    topic = answer.links.get("self") or document.self_url
    if not hub or not topic or (urlsplit(answer.url).scheme, urlsplit(hub).scheme) == ("https", "http"):
        return None
    return Offer(hub, topic)


def subscription(offer: Offer, base: str, path: str, secret: str) -> dict[str, str]:
    """The form that asks the hub (§ 5.1). `base`: our public address; `path`: this callback's own part."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": offer.topic,
        "hub.callback": callback(base, path),
        "hub.lease_seconds": str(int(_ASKED.total_seconds())),
        "hub.secret": secret,
    }


def callback(base: str, path: str) -> str:
    return f"{base.rstrip('/')}{PATH}{path}"


def read_challenge(text: str) -> str | None:
    """What proves to the hub that its subscription was meant (§ 5.3); None for nothing that could be echoed."""
    return text if 0 < len(text) <= _LONGEST_CHALLENGE and text.isprintable() else None


def read_lease(text: str) -> timedelta:
    """`hub.lease_seconds` as the hub grants them, between a minute and thirty days; what we asked when unreadable."""
    asked = timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 12 else _ASKED
    return min(max(asked, _SHORTEST_LEASE), _LONGEST_LEASE)


def renew_at(now: datetime, lease: timedelta) -> datetime:
    """When to ask again for a subscription that was verified now."""
    return now + lease * _RENEWED_AT


def ask_again(asks: int) -> timedelta:
    """How long a hub has to verify the `asks`-th request (from 1) before it is asked again: ten minutes to a day."""
    doubled: int = 2 ** min(max(asks, 1) - 1, 10)
    return min(_FIRST_RETRY * doubled, _LONGEST_RETRY)


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """Whether `X-Hub-Signature` (`sha256=…`) is ours over these bytes (§ 7.1.2), compared in constant time."""
    algorithm, _, given = header.strip().partition("=")
    if algorithm.lower() not in _ALGORITHMS or len(given) > _LONGEST_SIGNATURE or not given.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, algorithm.lower()).hexdigest(), given.strip().lower())
