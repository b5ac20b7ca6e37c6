"""A page, an address or JSON lines become summaries: `guetteur summarise`.

A page is a file that starts with a tag, or an address, which is fetched as the bot would fetch it. Anything else is
read as JSON lines, one out for one in.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

from bot.commands.lines import BadLine, Lines, print_line, read_item
from bot.errors import GuetteurError
from bot.settings import Settings
from bot.stories.article import Article, extract_article
from bot.stories.summary import summarise as shorten
from bot.text.html import html_to_text
from bot.text.language import language
from bot.text.tokens import words_of

_ADDRESS: Final = ("http://", "https://")
_TOLD_FROM: Final = 2_000  # characters that say the language


def summarise(settings: Settings, source: str | None) -> int:
    """`source`: an address, a file, None for standard input. A page gives one line `{id, summary}`, items one each."""
    if source and source.startswith(_ADDRESS):
        return _summarise_page(asyncio.run(fetched(settings, source)), source)
    content = _content(source)
    name = source or "entrée standard"
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return _summarise_page(content, name)
    return _summarise_lines(Lines(name, content.split(b"\n")))


def _summarise_page(html: bytes, name: str) -> int:
    article = extract_article(html, name if name.startswith(_ADDRESS) else "")
    print_line({"id": name, "summary": _summary(article, None)})
    if article.paywalled:
        print(f"{name} : réservé aux abonnés ; seule la partie ouverte a été lue", file=sys.stderr)
    return 0


def _summarise_lines(given: Lines) -> int:
    for item in given.read(_item):
        print_line({"id": item["id"], "summary": _summary(_article(item), item.get("lang") or None)})
    return int(given.failed)


def _content(file: str | None) -> bytes:
    try:
        return Path(file).read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise GuetteurError(f"{file} : fichier illisible ({error.strerror})") from error


def _item(line: bytes) -> dict[str, Any]:
    """`{id, title, html|text}`, its texts checked."""
    given = read_item(line, ("title", "html", "text", "lang"), needed=("id",))
    if not (given.get("html") or given.get("text") or given.get("title")):
        raise BadLine("« html » ou « text » manque")
    return given


def _article(given: dict[str, Any]) -> Article:
    """An article page is extracted; a fragment, as feeds give, is read as it is."""
    title, html = given.get("title") or "", given.get("html") or ""
    if not html:
        return Article(title, given.get("text") or "")
    found = (
        extract_article(html.encode("utf-8", "replace"), "") if _is_page(html) else Article(title, html_to_text(html))
    )
    return Article(title or found.title, found.text, found.paywalled)


def _is_page(html: str) -> bool:
    start = html[:5_000].lower()
    return any(mark in start for mark in ("<!doctype", "<html", "<body"))


def _summary(article: Article, lang: str | None) -> str:
    lang = lang or language(
        sum(word.leaning for word in words_of(f"{article.title} {article.text[:_TOLD_FROM]}")), None
    )
    return shorten(article.title, article.text, lang)


async def fetched(settings: Settings, url: str) -> bytes:
    """The page, through the guarded fetcher. FetchFailed says why there is none."""
    from bot.feeds.answer import Body
    from bot.feeds.fetch import PAGES, Fetcher, fetch_limits

    async with Fetcher(fetch_limits(settings)) as fetcher:
        answer = await fetcher.get(url, accept=PAGES)
    return answer.content if isinstance(answer, Body) else b""
