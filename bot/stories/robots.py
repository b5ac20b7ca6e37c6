"""A robots.txt and an address → may we read that page (RFC 9309, Robots Exclusion Protocol).

The standard library's reader knows neither `*` and `$` in paths nor that the longest rule wins, and news sites rely
on both. Rules of every group that names us count together; without one, those of `*`; without any, everything is
allowed. Pure: whoever asked for the file gives its text, or what it was refused with.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote, urlsplit

NOTHING_ALLOWED: Final = "User-agent: *\nDisallow: /\n"
LARGEST_FILE: Final = 500 * 1024  # characters read (RFC 9309 §2.5)
_SAFE: Final = "/%?=&:;,+@!$'()*~[]-._"

Rule = tuple[str, bool]  # a path pattern, and whether it allows


def allowed(robots_txt: str, user_agent: str, url: str) -> bool:
    """Whether `user_agent` ("Guetteur", or "Guetteur/0.1 (+…)") may fetch `url` under the `robots_txt` of its host."""
    product = user_agent.partition("/")[0].strip().lower()
    parts = urlsplit(url)
    path = _plain(parts.path or "/") + (f"?{_plain(parts.query)}" if parts.query else "")
    if path == "/robots.txt":
        return True
    matching = [
        (len(pattern), allows)
        for pattern, allows in _rules(robots_txt[:LARGEST_FILE], product)
        if _matches(pattern, path)
    ]
    return max(matching, default=(0, True))[1]  # the longest, and of equals the one that allows


def read_refusal(status: int | None) -> str:
    """The text that stands for a robots.txt answered with this status; None: with nothing at all.

    RFC 9309 §2.3.1.3: unavailable (4xx) means that everything is allowed; §2.3.1.4: unreachable (5xx, no connection)
    means that nothing is. 429 is a server that has enough of us, and read as the latter.
    """
    return "" if status is not None and 400 <= status < 500 and status != 429 else NOTHING_ALLOWED


@lru_cache(maxsize=256)
def _rules(robots_txt: str, product: str) -> tuple[Rule, ...]:
    """The rules for `product`: of all groups that name it, else of those for everyone."""
    groups: dict[str, list[Rule]] = {}
    named: list[str] = []
    complete = False  # a rule was read: the next user-agent line opens a new group
    for line in robots_txt.splitlines():
        field, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        if field.lower() == "user-agent":
            named = [] if complete else named
            named.append(value.partition("/")[0].strip().lower())
            groups.setdefault(named[-1], [])
            complete = False
        elif field.lower() in {"allow", "disallow"}:
            complete = True
            for agent in named if value else ():
                groups[agent].append((_plain(value), field.lower() == "allow"))
    return tuple(groups.get(product, groups.get("*", ())))


def _plain(path: str) -> str:
    """One spelling for every way to escape a path (RFC 9309 §2.2.2)."""
    return quote(unquote(path, errors="surrogateescape"), safe=_SAFE, errors="surrogateescape")


def _matches(pattern: str, path: str) -> bool:
    """`*` stands for anything, a last `$` for the end."""
    whole = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for number, piece in enumerate(pieces[1:], 2):
        if whole and number == len(pieces):
            return len(path) - len(piece) >= at and path.endswith(piece)
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not whole or at == len(path)
