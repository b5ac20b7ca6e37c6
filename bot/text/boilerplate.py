"""Page furniture → spaces of the same length, so that what a page says about other pages never matches.

Recommended articles, newsletter lines, bylines, photo credits, cookie banners and "appeared first on" sentences speak
of other stories or of the outlet. They are blanked, not removed: every offset of what remains points into the original.

A text is read sentence by sentence, line by line (a *piece*). A piece may be furniture by itself (« Par Jeanne Roy, La
Presse Canadienne »); an *aside* (« À lire aussi : … »), which takes the cards under it along when it stands alone; or
an *end* (« RECOMMANDÉS POUR VOUS »), which takes everything after it.

Linear in the length of any text; never raises; never moves a character. A word in mid-sentence never makes furniture:
the first word of a piece picks the few patterns that are tried on it, and those that an article's own sentence could
start with must fill the piece.
"""

import re
from collections.abc import Iterator
from enum import Enum

__all__ = ["cut_boilerplate", "is_boilerplate_line", "marker_cut"]

Span = tuple[int, int]


class Furniture(Enum):
    """What a piece is, and so how far it reaches."""

    LINE = "itself"
    ASIDE = "itself, and the cards under it"
    END = "everything after it"


# After these the article is over: cards of other articles, forms, comments.
_ENDS = """
    recommandé pour vous|recommandés pour vous|recommandée pour vous|recommandées pour vous|recommandations pour vous
    nos recommandations|nos suggestions|vous aimerez aussi|vous pourriez aussi aimer|vous pourriez aimer
    ces articles pourraient vous intéresser|article similaire|articles similaires|articles récents|articles liés
    articles connexes|articles recommandés|autres articles|dans la même catégorie|dans la même section
    dans le même dossier|sur le même sujet|plus de nouvelles|nouvelles connexes|les plus lus|les plus populaires
    populaires en ce moment|à ne pas manquer|dernières nouvelles|contenu commandité|contenu partenaire
    laisser un commentaire|laissez un commentaire|commentaires récents|recommended for you|recommended stories
    recommended reading|you may also like|you might also like|more stories|more from this author|more on this story
    related articles|related stories|related posts|related content|most read|most popular|trending now
    sponsored content|in the same category|leave a comment|leave a reply|recent comments|recent posts
    latest stories|top stories
"""
# In capitals they end an article even in mid-sentence: some texts come with their lines run together.
_SHOUTED = """
    RECOMMANDÉS POUR VOUS|VOUS AIMEREZ AUSSI|DANS LA MÊME CATÉGORIE|ARTICLES SIMILAIRES|SUR LE MÊME SUJET
    RECOMMENDED FOR YOU|YOU MAY ALSO LIKE|RELATED ARTICLES|RELATED STORIES|IN THE SAME CATEGORY
"""
# These name one other article or a few cards; the article goes on afterwards.
_ASIDES = """
    à lire aussi|à lire également|aussi à lire|lire aussi|lire également|à lire|à relire|à voir aussi
    à voir également|voir aussi|voyez aussi|à écouter aussi|à écouter|read also|also read|read more|read next
    see also|watch also|lire la suite|lire l'article|continuer la lecture|en savoir plus|continue reading|keep reading
"""
# These fill a line and name nothing.
_ALONE = """
    publicité|publireportage|la suite après cette publicité|la suite de l'article après la publicité|advertisement
    story continues below advertisement|article continues below|related|cliquez ici|click here|accueil|home|menu
    connexion|se connecter|login|log in|sign in|s'abonner|recherche|rechercher|search|nous joindre|contact us|about us
    partager|partagez|share|tweeter|tweet|imprimer|print|courriel|facebook|whatsapp|linkedin|copier le lien|copy link
    retour en haut|retour à l'accueil|back to top|back to home|skip to content|skip to main content|aller au contenu
    aller au contenu principal|commentaires|comments
"""
_TAILS = ("lire la suite", "lire l'article", "continuer la lecture", "read more", "continue reading", "keep reading")
_PRESS = (
    "presse canadienne", "canadian press", "associated press", "france-presse", "agence qmi", "journalisme local",
    "local journalism",
)  # fmt: skip

# Names keep their capitals: « Par ailleurs, la Ville… » is a sentence.
_NAME = r"(?-i:[A-ZÀ-Þ][\w'.-]{0,30}(?: (?:de |d')?[A-ZÀ-Þ][\w'.-]{0,30}){0,4})"
_AGENCY = rf"(?:la |the |l')?(?:agence |initiative de )?(?:{'|'.join(_PRESS)}|reuters|bloomberg)"
_JOB = r"(?:journaliste|reporter|collaborat(?:eur|rice)|éditorialiste|chroniqueu(?:r|se)|correspondante?)"
_NETWORK = r"(?:facebook|instagram|twitter|linkedin|tiktok|youtube|whatsapp)"
_OURS = (
    rf"(?:infolettres?|newsletters?|notre (?:application|appli|page|chaîne|bulletin|compte)|boîte courriel|inbox"
    rf"|nos (?:alertes|notifications|manchettes)|our (?:app|page|channel|alerts?)|{_NETWORK})"
)

# First words of a piece → what the whole piece must look like, whatever its case.
_LINES = {
    "par by": rf"(?:par|by) ?:? ?{_NAME}(?: (?:et|and|&) {_NAME})?"
    rf"(?:\s?[,|–—-] ?(?:{_NAME}|{_JOB}.{{0,80}}|{_AGENCY}.{{0,80}}))?\W*",
    "texte un propos": rf"(?:texte|un texte de|texte de|propos recueillis par) ?:? ?{_NAME}(?:\s?[,|–—-].{{0,80}})?\W*",
    "avec with d source": rf"(?:avec|with|d'après|source ?:) .{{0,60}}{_AGENCY}.{{0,60}}",
    "photo photos crédit crédits credit image images illustration illustrations vidéo courtoisie photographe": (
        rf"\W?\w+(?: photos?| images?| credit)?(?:\s?[:/|©].{{0,160}}|,? (?:(?:de|par|by) {_NAME}"
        r"|courtoisie|courtesy|archives?|gracieuseté|fournie).{0,100})"
    ),
    "archives courtesy gracieuseté courtoisie": r"\(.{1,120}\)\W*",
    "© c copyright tous all": r"(?:©|\(c\)|copyright|tous droits réservés|all rights reserved).{0,200}",
    "abonnez suivez rejoignez": r"\w+[- ](?:vous|nous).{0,240}",
    "subscribe follow déjà already": r"(?:subscribe|follow us|déjà abonné|already a).{0,240}",
    "inscrivez recevez téléchargez partagez aimez sign download get like share": (
        rf"[\w'-]+\b[^.!?]{{0,60}}\b{_OURS}\b.{{0,120}}"
    ),
    "infolettre infolettres newsletter newsletters": r"\w+\W{0,4}.{0,60}",
    "partager partagez share imprimer": r"\w+ (?:cet article|cette nouvelle|sur|par courriel|this|on|via)\b.{0,60}",
    "# aucun no ajouter add voir view afficher": (
        r"(?:\d{1,6}|aucun|no|ajouter un|add a|voir les|view|afficher les)(?: \d{1,6})?"
        r" (?:commentaires?|comments?|partages?|shares?|likes?|j'aime|min(?:utes?)? de lecture|min(?:ute)? read)\W*"
    ),
    "commentaires comments commentaire": r"\w+\s?(?:\(\d{1,6}\)|:? ?\d{1,6})\W*",
    "temps reading read": r"(?:temps de lecture|reading time|read time)\s?:? ?\d{1,3} ?min.{0,20}",
    "publié publication mis mise modifié published updated posted last": (
        r"(?:publié|publication|mis à jour|mise à jour|modifié|published|updated|posted|last updated)"
        r" ?(?:le|à|on|at|:)[^.!?]{0,60}\d[^.!?]{0,30}\.?"
    ),
    "nous ce this we en by": (
        r"(?:nous utilisons|ce site (?:web )?utilise|this (?:web)?site uses|we use|en poursuivant|by continuing)\b"
        r"[^.!?]{0,120}\b(?:cookies?|témoins)\b.{0,300}"
    ),
    "tout accepter refuser accept reject gérer manage": (
        r"(?:tout )?\w+ (?:tous |les |mes |all |my ){0,2}(?:cookies|témoins|préférences|preferences)\W*"
    ),
    "accueil home menu actualités news": r"\w+(?:\s?[|>»•·/]\s?[^|>»•·/]{1,30}){1,12}\W*",
}
_AGENCY_LINE = re.compile(rf"(?:[^.!?]{{0,80}}[,–—|/-] ?)?{_AGENCY}[^.!?]{{0,60}}\.?\Z", re.IGNORECASE)

_LONGEST_LINE = 600  # characters; a longer piece is prose whatever it starts with
_LONGEST_CREDIT = 200
_LONGEST_CARD = 140  # a headline under « À lire aussi »
_MOST_CARDS = 8

_FIRST_ON = re.compile(r"(?:est apparue?|est parue?) (?:en premier )?sur\b|appeared first on\b", re.IGNORECASE)
_FIRST_ON_START = re.compile(r"(?:cet article|l[’']article|the post|le billet|ce billet)\b", re.IGNORECASE)
_FIRST_ON_REACH = 400  # characters back to « Cet article »
_OUTLET_REACH = 120  # characters forward, over the outlet's name

_BREAK = re.compile(r"[\n.!?…](?:(?<=\n)|(?=[\s»”\"]))")
_FIRST_WORD = re.compile(r"[^\w©]{0,3}([^\W\d_]+|\d|©)")
_PLAIN = str.maketrans("’\xa0\u202f", "'  ")  # same length, so offsets stay


def marker_cut(text: str) -> int:
    """The offset where other articles' cards begin, or `len(text)` when there are none.

    For the summary writer: nothing after it belongs to the article.
    """
    return _ending(text, _pieces(text))


def is_boilerplate_line(line: str) -> bool:
    """Whether a line (or a sentence) is furniture: byline, credit, share bar, cookie notice, « À lire aussi : … »."""
    line = line.strip()
    return bool(line) and (_furniture(line) is not None or _is_agency_line(line))


def cut_boilerplate(text: str) -> str:
    """The text with furniture replaced by spaces, character for character: `len` and offsets are those of the input.

    Line breaks stay, so that sentences do not run together. A text without furniture comes back as it is.
    """
    spans = _furniture_spans(text)
    if not spans:
        return text
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        kept.append("".join("\n" if char == "\n" else " " for char in text[start:end]))
        at = end
    kept.append(text[at:])
    return "".join(kept)


def _rules() -> dict[str, list[tuple[Furniture, re.Pattern[str]]]]:
    """First word of a piece → the patterns it may fill, in the order they are tried."""
    rules: dict[str, list[tuple[Furniture, re.Pattern[str]]]] = {}

    def add(first_words: str, kind: Furniture, pattern: str) -> None:
        compiled = re.compile(pattern, re.IGNORECASE)
        for word in first_words.split():
            rules.setdefault(word, []).append((kind, compiled))

    card = r"(?:\s*[:>»•|–—-]|\s+(?-i:[A-ZÀ-Þ«“\"]))"
    for phrase in _phrases(_ENDS):
        add(_first_word(phrase), Furniture.END, rf"{re.escape(phrase)}(?:\W*\Z|{card})")
    for phrase in _phrases(_ASIDES):
        add(_first_word(phrase), Furniture.ASIDE, rf"{re.escape(phrase)}\W*\Z")
        add(_first_word(phrase), Furniture.LINE, rf"{re.escape(phrase)}{card}")
    for phrase in _phrases(_ALONE):
        add(_first_word(phrase), Furniture.LINE, rf"{re.escape(phrase)}\W*\Z")
    for first_words, pattern in _LINES.items():
        add(first_words, Furniture.LINE, rf"(?:{pattern})\Z")
    return rules


def _phrases(block: str) -> list[str]:
    return [phrase.strip() for line in block.strip().splitlines() for phrase in line.split("|")]


def _first_word(piece: str) -> str:
    """In small letters; "#" for a number, "" when a piece starts with something else."""
    found = _FIRST_WORD.match(piece)
    if found is None:
        return ""
    word = found.group(1).lower()
    return "#" if word.isdigit() else word


_RULES = _rules()
_SHOUTED_ENDS = tuple(_phrases(_SHOUTED))


def _ending(text: str, pieces: list[Span]) -> int:
    """Where the first end marker stands."""
    shouted = min((at for mark in _SHOUTED_ENDS if (at := text.find(mark)) >= 0), default=len(text))
    for start, end in pieces:
        if start >= shouted:
            break
        if _furniture(text[start:end]) is Furniture.END:
            return start
    return shouted


def _furniture(piece: str) -> Furniture | None:
    """What a stripped piece is, told from its first word on. Ends may open a long run of text; the rest is short."""
    rules = _RULES.get(_first_word(piece))
    if rules is None:
        return None
    plain = piece.translate(_PLAIN)
    short = len(piece) <= _LONGEST_LINE
    for kind, pattern in rules:
        if (short or kind is Furniture.END) and pattern.match(plain):
            return kind
    return None


def _is_agency_line(piece: str) -> bool:
    """« Jeanne Roy – La Presse Canadienne », « Reuters »."""
    return len(piece) <= _LONGEST_CREDIT and _AGENCY_LINE.match(piece.translate(_PLAIN)) is not None


def _furniture_spans(text: str) -> list[Span]:
    """What to blank, in order and apart from each other."""
    pieces = _pieces(text)
    cut = _ending(text, pieces)
    low = text.lower()
    credited = any(agency in low for agency in _PRESS)
    tailed = any(word in low for word in ("lire", "lecture", "read"))
    spans: list[Span] = []
    cards_left = 0
    for start, end in pieces:
        if start >= cut:
            break
        piece = text[start : min(end, cut)]
        kind = _furniture(piece)
        if kind is not None or (credited and _is_agency_line(piece)):
            spans.append((start, start + len(piece)))
            cards_left = _MOST_CARDS if kind is Furniture.ASIDE else 0
        elif cards_left and _is_card(piece):
            spans.append((start, end))
            cards_left -= 1
        else:
            cards_left = 0
            tail = _tail(piece) if tailed else len(piece)
            if tail < len(piece):
                spans.append((start + tail, start + len(piece)))
    if "apparu" in low or "paru" in low or "appeared" in low:
        spans = _apart([*spans, *_first_on_spans(text[:cut])])
    return [*spans, (cut, len(text))] if cut < len(text) else spans


def _is_card(piece: str) -> bool:
    """Short, and no sentence: the title of another article."""
    return len(piece) <= _LONGEST_CARD and piece[-1] not in ".!»”"


def _tail(piece: str) -> int:
    """Where a « Lire la suite » at the end of a summary starts, or the length of the piece."""
    ending = piece[-30:].translate(_PLAIN).lower().rstrip(" .…»>→]")
    for tail in _TAILS:
        if ending.endswith(tail):
            return max(0, len(piece) - 30) + len(ending) - len(tail)
    return len(piece)


def _first_on_spans(text: str) -> Iterator[Span]:
    """« Cet article … est apparu en premier sur … »: the title inside may hold any punctuation."""
    for found in _FIRST_ON.finditer(text):
        low = max(0, found.start() - _FIRST_ON_REACH)
        starts = [low + start.start() for start in _FIRST_ON_START.finditer(text[low : found.start()])]
        if starts:
            high = min(len(text), found.end() + _OUTLET_REACH)
            end = _BREAK.search(text, found.end(), high)
            yield starts[-1], end.end() if end else high


def _apart(spans: list[Span]) -> list[Span]:
    """Sorted, overlaps joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str) -> list[Span]:
    """Sentences and lines, without the blanks around them; empty ones are passed over."""
    pieces: list[Span] = []
    at = 0
    for end in [*(found.end() for found in _BREAK.finditer(text)), len(text)]:
        piece = text[at:end]
        bare = piece.strip()
        if bare:
            start = at + len(piece) - len(piece.lstrip())
            pieces.append((start, start + len(bare)))
        at = end
    return pieces
