"""Feeds of our own, to be parsed, cut and broken."""

from xml.sax.saxutils import escape

ITEM = """<item>
<title>{title}</title>
<link>https://journal.example/a/{n}</link>
<guid isPermaLink="false">journal-{n}</guid>
<pubDate>Tue, 10 Mar 2026 {hour:02}:05:00 -0400</pubDate>
<description>{summary}</description>
</item>"""


def rss(*items: str, channel: str = "<title>Le Fil</title><link>https://journal.example/</link>") -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>{channel}\n{"".join(items)}</channel></rss>'.encode()


def item(n: int, title: str = "Le conseil adopte son budget", summary: str = "Le vote a eu lieu lundi.") -> str:
    return ITEM.format(n=n, title=escape(f"{title} ({n})"), summary=escape(summary), hour=n % 24)


def atom(*entries: str) -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-CA"><title>Fil</title>'
        f'<link rel="self" href="https://journal.example/atom"/>{"".join(entries)}</feed>'
    ).encode()


def atom_entry(n: int) -> str:
    return (
        f'<entry><id>urn:journal:{n}</id><title type="html">L&amp;#8217;entente n&amp;deg; {n}</title>'
        f'<link href="/a/{n}"/><updated>2026-03-10T{n % 24:02}:00:00-04:00</updated>'
        f'<summary>Résumé {n}</summary><content type="html">&lt;p&gt;Corps {n}&lt;/p&gt;</content></entry>'
    )
