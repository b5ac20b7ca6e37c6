"""An HTML fragment becomes plain text: no tags, no entities, no invisible characters, one line a paragraph.

Made for what feeds put into titles, summaries and bodies: broken markup, text escaped twice, scripts, unclosed
comments. Every step is linear in the fragment and the result is capped, so a hostile feed costs no more than a long
one. It never raises. It shows nothing that the page would have hidden (scripts, styles, comments), and it is not a
sanitiser: what comes out is text, to be escaped again wherever it is shown.
"""

import html
import re
import unicodedata

LONGEST = 64_000  # characters of text kept of one fragment
_LONGEST_FRAGMENT = 8 * LONGEST  # of markup looked at
_LONGEST_TAG = 8_000  # an unclosed quote ends here instead of swallowing the text behind it

_OPENING = re.compile(r"<(?:!--|!\[CDATA\[|[!?/]?[a-zA-Z])")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
_HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "math", "object", "select"})
_LINE_BREAKS = re.compile(
    r"""address|article|aside|blockquote|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer
    |form|h[1-6r]|header|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul""",
    re.VERBOSE,
)
_GAPS = frozenset({"td", "th"})
_HUGE_NUMBER = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{8,});?")  # no character has it, and int() refuses the longest
_STILL_MARKED_UP = re.compile(
    r"</?(?:p|br|div|a|b|i|em|strong|span|ul|li|img|h[1-6])(?:\s[^<>]{0,500})?/?>", re.IGNORECASE
)
_STILL_ESCAPED = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][sad]quo|hellip|[aeiouc][a-z]{3,5}|#\d{2,7}|#[xX][0-9a-fA-F]{2,6});",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff]"
)
_DECOMPOSED = re.compile("[^\\W\\d_][\u0300-\u036f]{1,3}")  # short runs only: composing a long one is quadratic
_GAP = re.compile(r"[^\S\n]+")
_TIES = frozenset("\xa0\u202f")  # non-breaking spaces, kept where they stand alone: « 14 h 30 »


def html_to_text(fragment: str, limit: int = LONGEST) -> str:
    """The readable text of `fragment`, at most `limit` characters (≤ 64,000), cut at a blank, one line a paragraph.

    Text that was escaped twice (`&amp;eacute;`, `&lt;p&gt;`) is read once more. What is shaped like a tag is taken for
    one; a lone `<` or `&` is text.
    """
    text = _unescape(_without_tags(fragment[:_LONGEST_FRAGMENT]))
    if _STILL_MARKED_UP.search(text):
        text = _without_tags(text)
    if _STILL_ESCAPED.search(text):
        text = _unescape(text)
    return _cut(_tidy(text), limit)


def one_line(fragment: str, limit: int) -> str:
    """The text of `fragment` on one line, for a title."""
    return html_to_text(fragment, limit).replace("\n", " ")


def tidy_text(text: str, limit: int = LONGEST) -> str:
    """Text that was never markup, with the same clean blanks and the same cap."""
    return _cut(_tidy(text[:_LONGEST_FRAGMENT]), limit)


def _unescape(text: str) -> str:
    return html.unescape(_HUGE_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _without_tags(fragment: str) -> str:
    pieces: list[str] = []
    at = 0
    while opening := _OPENING.search(fragment, at):
        pieces.append(fragment[at : opening.start()])
        at, shown = _pass_markup(fragment, opening)
        pieces.append(shown)
    pieces.append(fragment[at:])
    return "".join(pieces)


def _pass_markup(fragment: str, opening: re.Match[str]) -> tuple[int, str]:
    """Where the text goes on after the markup at `opening`, and what the markup leaves in the text."""
    start, inside = opening.start(), opening.end()
    if opening[0] == "<!--":
        return _after(fragment, "-->", inside), ""
    if opening[0] == "<![CDATA[":
        end = fragment.find("]]>", inside)
        end = len(fragment) if end < 0 else end
        return end + 3, fragment[inside:end]
    end = _end_of_tag(fragment, inside)
    if end < 0:
        return (len(fragment), "") if "=" in fragment[inside : inside + 80] else (inside, fragment[start:inside])
    found = _NAME.match(fragment, start + 1)
    name = found[1].lower() if found else ""
    if name in _HIDDEN and fragment[start + 1] != "/" and fragment[end - 2] != "/":
        closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(fragment, end)
        return (_after(fragment, ">", closing.start()) if closing else len(fragment)), " "
    return end, "\n" if _LINE_BREAKS.fullmatch(name) else " " if name in _GAPS else ""


def _end_of_tag(fragment: str, at: int) -> int:
    """The index behind the `>` that closes the tag (quotes may hold one), -1 when nothing does."""
    first = end = fragment.find(">", at)
    while end >= 0:
        single, double = fragment.find("'", at, end), fragment.find('"', at, end)
        quote = min((i for i in (single, double) if i >= 0), default=-1)
        if quote < 0:
            return end + 1
        closing = fragment.find(fragment[quote], quote + 1, first + _LONGEST_TAG)
        if closing < 0:
            return first + 1
        at = closing + 1
        end = fragment.find(">", at, first + _LONGEST_TAG)
    return first + 1 if first >= 0 else -1


def _after(fragment: str, mark: str, at: int) -> int:
    end = fragment.find(mark, at)
    return len(fragment) if end < 0 else end + len(mark)


def _tidy(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    text = _DECOMPOSED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    text = _GAP.sub(lambda found: found[0] if found[0] in _TIES else " ", text.replace("\r", "\n"))
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    blank = max(text.rfind(" ", 0, limit), text.rfind("\n", 0, limit))
    return text[: blank if blank > limit // 2 else limit].rstrip()
