"""An alert → the bytes that the operator's own program receives, and the headers that prove who sent them.

Signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over id, instant and body, so that the
libraries for it verify ours. Only what was published stands in the body: never a chat, a score or why. Pure.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from bot.model import Alert

GIVEN_UP_AFTER: Final = timedelta(days=3)
_FIRST_RETRY, _LONGEST_RETRY = timedelta(seconds=10), timedelta(hours=6)


def id_of(alert: Alert) -> str:
    """The same wherever and whenever the alert is written (RFC 4287 § 4.2.6)."""
    return uuid5(NAMESPACE_URL, f"{alert.story_id} {alert.url}").urn


def write_body(alert: Alert) -> bytes:
    """JSON: `{"type": "alert", "timestamp", "data": {…}}`."""
    data = {
        "id": id_of(alert),
        "url": alert.url,
        "title": alert.title,
        "summary": alert.summary,
        "topics": list(alert.topics),
        "outlets": list(dict.fromkeys(mention.outlet for mention in alert.mentions)),
        "language": alert.lang,
    }
    body = {"type": "alert", "timestamp": alert.raised_at.isoformat(), "data": data}
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def sign(key: bytes, name: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The headers of a body that is sent now under the id `name`."""
    at = str(int(now.timestamp()))
    mac = hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": signature}


def retry_at(owed_at: datetime, tries: int, now: datetime) -> datetime | None:
    """When to try again what failed for the `tries`-th time (from 1); None once it is three days old."""
    if now - owed_at >= GIVEN_UP_AFTER:
        return None
    doubled: int = 2 ** min(tries - 1, 12)
    return now + min(_FIRST_RETRY * doubled, _LONGEST_RETRY)
