"""A text → the sentences of it that may be quoted as they are.

Whole ones: with a beginning, an end and closed quotation marks, neither cut by a feed nor left open by a heading. News:
no byline, dateline, caption, form, card or date of publication. What remains is the publisher's, letter for letter.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.text.boilerplate import cut_boilerplate, is_boilerplate_line
from bot.text.fold import fold
from bot.text.sentences import sentences

_CAPITALS: Final = "A-ZÀ-ÖØ-ÞŒŸ"
_DATED: Final = r"(?:le\s+)?\d{1,2}(?:er)?\s+[a-zéû]{3,9}\.?(?:\s+\d{4})?|[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,\s+\d{4})?"
_WIRE: Final = r"(?:/?\s*\(?(?:CNW|PC|AFP|AP|CP|Reuters|PRNewswire|GLOBE NEWSWIRE)(?:\s+Telbec)?\)?\s*/?)"
_RUBRIC: Final = (
    r"(?:INFO|EXCLUSI[FV]|ANALYSE|TRIBUNE|ENTRETIEN|ENQUÊTE|RÉCIT|REPORTAGE|DIRECT|VIDÉO|VIDEO|OPINION|CHRONIQUE|AVIS"
    r"|ÉDITORIAL|DÉCRYPTAGE|COMMUNIQUÉ|MISE À JOUR|UPDATED?|BREAKING|WATCH|EXPLAINER)"
)
_LABEL: Final = re.compile(
    rf"(?:[{_CAPITALS}][\w'’.-]+(?: [\w'’.-]+){{0,4}}(?:,\s*|\s+)(?:{_DATED})\s*{_WIRE}?\s*[—–-]+\s+"  # Place, date —
    rf"|[{_CAPITALS}][{_CAPITALS}'’. -]{{3,40}}(?:,\s*[\w'’. ]{{2,30}})?\s*{_WIRE}?\s*[—–-]+\s+"  # PLACE —
    rf"|[{_CAPITALS}][\w'’. -]{{2,30}}\s*(?:,\s*[\w'’. ]{{2,30}})?\s*{_WIRE}\s*[—–-]+\s+"  # Place (PC) —
    rf"|\((?:[{_CAPITALS}][\w'’.-]+[ ,]{{0,2}}){{1,4}}\)\s*(?:[—–-]+\s+)?"  # (Place)
    rf"|\[[{_CAPITALS}][{_CAPITALS}'’ -]{{3,40}}\]\s*"  # [LABEL]
    rf"|{_RUBRIC}(?:[ {_CAPITALS}'’/-]{{0,30}})\s*[.:|—–-]\s+"
    rf"|[{_CAPITALS}][{_CAPITALS}'’ /-]{{4,40}}\s[—–-]\s"
    r")"
)
_START: Final = re.compile(rf"[«“\"'‘(]?\s*[{_CAPITALS}\d]")
_END: Final = re.compile(r"[.!?](?:\s*[»”]|[\"’')])*$|[»”]\s*\.$")
_CUT: Final = re.compile(r"(?:…|\.{3}|\[…\]|\[\.{3}\])(?:\s*[»”]|[\"’')])*$")
_UNFINISHED: Final = re.compile(
    r"(?:[,;:(«“–—-]|\b(?:le|la|les|l['’]|un|une|de|des|du|d['’]|à|au|aux|et|ou|en|dans|pour|par|sur|avec|que|qui|a|est"
    r"|the|an?|of|to|and|or|in|on|for|with|by|at|is|was|that))$",
    re.IGNORECASE,
)
_FURNITURE: Final = re.compile(
    r"https?://|www\.|@\w|\b(?:crédits? photo|photo(?:graphie)?s? ?[:/]|image ?:|getty images"
    r"|archives? (?:la presse|afp|pc)|boîte de (?:courriel|réception)|to your inbox|en faisant un don|with a donation"
    r"|(?:soutenez|support) (?:le |local )?journalis|(?:notre|our|cette) (?:infolettre|newsletter)"
    r"|(?:utilis\w+|uses?) (?:des |de )?cookies|abonnez-vous|inscrivez-vous|cliquez|click here|sign up|suivez-nous"
    r"|follow us|tous droits réservés|all rights reserved|faites comme ce|retrouvez (?:sur|toute?s?|nos|l)"
    r"|(?:lire|voir|read|see) (?:aussi|également|also)\W|lire la suite|(?:notre|our) (?:application|app)\b)"
    r"|^(?:il (?:vous )?reste \d+[^.]{0,12}% d|(?:cet |l['’])article est réservé|subscribe|écoutez|en savoir plus)\b",
    re.IGNORECASE,
)
_STAMP: Final = re.compile(r"(?:published|updated|posted|publiée?|mise? à jour|modifiée?)\b.{0,40}\d", re.IGNORECASE)
# « Le maire en point de presse. Photo : Jeanne Roy », "The mill. (Photo: courtesy)": the sentence before goes with it.
_CAPTION: Final = re.compile(
    r"(?:^|[.\s(/|])(?:photos?|images?|crédits?(?: photo)?|credits?|illustration|PHOTO\w*|courtoisie|courtesy)\s?[:/©]"
    r"|\((?:photos?|archives?|courtoisie|courtesy)\b[^)]*\)\W*$",
    re.IGNORECASE,
)
_PAIRS: Final = (("«", "»"), ("“", "”"), ("(", ")"), ("[", "]"))
_SHORTEST: Final = 25  # characters
_WEIGHED: Final = 12_000  # characters of a text that is compared with another
_WORD: Final = re.compile(r"[^\W_]+")


def words(text: str) -> frozenset[str]:
    """The words of more than three letters and the numbers of `text`, folded."""
    return frozenset(word for word in _WORD.findall(fold(text)) if len(word) > 3 or word.isdecimal())


def without_captions(text: str) -> str:
    """`text` without the lines that describe a picture; a text of one line has none."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if not _CAPTION.search(line)) if len(lines) > 1 else text


def quotable(text: str) -> list[str]:
    """The sentences of `text` that can be quoted, without dateline or label, in their order and each once."""
    told = without_captions(text)
    lines = [pair for pair in zip(told.split("\n"), cut_boilerplate(told).split("\n"), strict=True) if pair[1].strip()]
    found = [sentence for original, line in lines for sentence in _of_line(original, line)]
    if len(lines) == 1:
        found += _left_open(sentences(lines[0][1])[-1].text)
    return list(dict.fromkeys(found))


def fullest(title: str, *texts: str) -> str:
    """Of texts about one piece of news the one that says most of it, the first among equals; "" when none says a thing.

    Counted in sentences that can be quoted, so that a long caption does not outweigh a description; and a text that
    shares a word with the title goes before one that does not (a caption without credit, a page that asks for cookies).
    """
    heading = words(title)
    return max(texts, key=lambda text: _says(text, heading), default="")


def _says(text: str, heading: frozenset[str]) -> tuple[bool, int, int]:
    read = text[:_WEIGHED]
    before = (read[: credit.start()].rstrip()[-_SHORTEST:] for credit in _CAPTION.finditer(read))
    captions = tuple(filter(None, before))
    told = [sentence for sentence in quotable(read) if not sentence.endswith(captions)] if read.strip() else []
    about = any(not heading.isdisjoint(words(sentence)) for sentence in told)
    return about, sum(map(len, told)), len(text.strip())


def _of_line(original: str, line: str) -> Iterator[str]:
    """What a line of an article says; a heading, a caption or a card has no full stop.

    `line` is `original` with furniture blanked: a sentence that had some inside is no longer the publisher's.
    """
    label = _LABEL.match(line.lstrip())
    start = len(line) - len(line.lstrip()) + (label.end() if label else 0)
    for sentence in sentences(line[start:]):
        as_written = original[start + sentence.start : start + sentence.end]
        if as_written == sentence.text and _is_whole(sentence.text):
            yield sentence.text


def _left_open(line: str) -> list[str]:
    """Many feeds leave out the last full stop: the sentence is whole all the same, and gets it."""
    line = line[label.end() :] if (label := _LABEL.match(line)) else line
    finished = f"{line}."
    if _END.search(line) or _CUT.search(line) or _UNFINISHED.search(line) or line.count(" ") < 5:
        return []
    return [finished] if _is_whole(finished) else []


def is_furniture(sentence: str) -> bool:
    """Whether a sentence speaks of the page or the outlet: a form, a credit, a date of publication, « Lire aussi »."""
    return (
        _FURNITURE.search(sentence) is not None or _STAMP.match(sentence) is not None or is_boilerplate_line(sentence)
    )


def _is_whole(sentence: str) -> bool:
    return (
        len(sentence) >= _SHORTEST
        and _START.match(sentence) is not None
        and _END.search(sentence) is not None
        and _CUT.search(sentence) is None
        and sentence.count('"') % 2 == 0
        and all(sentence.count(left) == sentence.count(right) for left, right in _PAIRS)
        and not is_furniture(sentence)
    )
