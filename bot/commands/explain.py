"""A text, or the page at an address, becomes the reasons for and against an alert: `guetteur explain`."""

import asyncio

from bot.model import Text
from bot.settings import Settings

_ADDRESS = ("http://", "https://")


def explain(settings: Settings, text: str, *, as_json: bool) -> int:
    """Prints which topics would flag it, with the words in their sentences, or what is lacking.

    An address is fetched as the bot would fetch it. Raises FetchFailed when that brings nothing.
    """
    from bot.commands.topics import explain as show

    return show(settings.config_dir, _read(settings, text), as_json=as_json)


def _read(settings: Settings, text: str) -> Text:
    """The first line of a text counts as its title, the rest as its body."""
    if not text.startswith(_ADDRESS):
        title, _, rest = text.partition("\n")
        return Text(title, body=rest)
    from bot.commands.summarise import fetched
    from bot.stories.article import extract_article

    article = extract_article(asyncio.run(fetched(settings, text)), text)
    return Text(article.title, body=article.text)
