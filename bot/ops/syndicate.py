"""A topic's latest alerts → an Atom feed or a JSON Feed, for a newsreader, a site or another bot.

    GET /feeds/<topic>.atom   RFC 4287
    GET /feeds/<topic>.json   JSON Feed 1.1 (jsonfeed.org/version/1.1)

Ids are made of what never changes in an alert, so a reader shows it once. Both answer 304 to who holds the same bytes
(RFC 9110 § 13.1). Only what was published stands in them: never a chat, a score or why.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree import ElementTree as ET

from aiohttp import ETag, web

from bot.alerts.envelope import id_of
from bot.alerts.render import TopicLabel
from bot.locales import say
from bot.model import Alert

ATOM = "http://www.w3.org/2005/Atom"
TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}
FRESH_SECONDS = 60  # an answer may be kept this long
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed that has told nothing yet

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 § 2.2

Latest = Callable[[str], Awaitable[Sequence[Alert]]]
Topics = Callable[[], Mapping[str, TopicLabel]]


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed of ours: its topic, its own address, the language of its name."""

    topic: str
    label: TopicLabel
    url: str
    language: str

    @property
    def title(self) -> str:
        return say(self.language, "status.channel", topic=self.label.names.get(self.language, self.topic))


def feed_routes(latest: Latest, topics: Topics, base: str, language: str) -> tuple[web.AbstractRouteDef, ...]:
    """The route. `latest`: a topic's alerts, newest first. `base`: our public address, "" for the one that is asked."""

    async def serve(request: web.Request) -> web.Response:
        topic, form = request.match_info["topic"], request.match_info["form"]
        label = topics().get(topic)
        if label is None:
            return web.Response(status=404)
        address = (base.rstrip("/") or str(request.url.origin())) + request.path
        alerts = await latest(topic)
        write = write_atom if form == "atom" else write_json
        return _answer(request, write(Channel(topic, label, address, language), alerts), form, newest_of(alerts))

    return (web.get(r"/feeds/{topic:[\w-]{1,100}}.{form:atom|json}", serve),)


def write_atom(channel: Channel, alerts: Sequence[Alert]) -> bytes:
    """RFC 4287: every element that it requires, and the publisher as the author of each entry."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": channel.language})
    _add(feed, "id", channel.url)
    _add(feed, "title", channel.title)
    _add(feed, "updated", newest_of(alerts).isoformat())
    ET.SubElement(feed, "link", {"rel": "self", "type": TYPES["atom"], "href": channel.url})
    _add(ET.SubElement(feed, "author"), "name", "Guetteur")
    for alert in alerts:
        entry = ET.SubElement(feed, "entry", {"xml:lang": alert.lang})
        _add(entry, "id", id_of(alert))
        _add(entry, "title", alert.title)
        _add(entry, "updated", alert.raised_at.isoformat())
        _add(entry, "published", alert.raised_at.isoformat())
        ET.SubElement(entry, "link", {"rel": "alternate", "href": _xml(alert.url)})
        for outlet in _outlets(alert):
            _add(ET.SubElement(entry, "author"), "name", outlet)
        for topic in alert.topics:
            ET.SubElement(entry, "category", {"term": topic})
        _add(entry, "summary", alert.summary)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def write_json(channel: Channel, alerts: Sequence[Alert]) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": id_of(alert),
            "url": alert.url,
            "title": alert.title,
            "content_text": alert.summary,
            "date_published": alert.raised_at.isoformat(),
            "authors": [{"name": outlet} for outlet in _outlets(alert)],
            "tags": list(alert.topics),
            "language": alert.lang,
        }
        for alert in alerts
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "feed_url": channel.url,
        "language": channel.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False).encode(errors="replace")


def newest_of(alerts: Sequence[Alert]) -> datetime:
    return max((alert.raised_at for alert in alerts), default=BEGINNING)


def _outlets(alert: Alert) -> list[str]:
    """Who carries it, the speaking one first."""
    return list(dict.fromkeys(mention.outlet for mention in alert.mentions)) or ["Guetteur"]


def _answer(request: web.Request, body: bytes, form: str, newest: datetime) -> web.Response:
    """The feed, or 304: by its tag when one is given, by its date otherwise (RFC 9110 § 13.2.2)."""
    tag = ETag(sha256(body).hexdigest()[:32])
    held, since = request.if_none_match, request.if_modified_since
    by_date = since is not None and newest.replace(microsecond=0) <= since
    known = any(one.value in {tag.value, "*"} for one in held) if held else by_date
    answer = web.Response(status=304) if known else web.Response(body=body, content_type=TYPES[form], charset="utf-8")
    answer.etag = tag
    answer.last_modified = newest
    answer.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return answer


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _xml(text)


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
