"""Lines, texts and stored items become what the topics say of them, printed for a program or for a person.

Lines in, lines out, in the same order; the exit code is 1 when one could not be read.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.commands.lines import BadLine, lines_of, print_line, read_item
from bot.model import Item, Matched, Reason, Text
from bot.topics.backtest import try_term as backtest
from bot.topics.evaluate import Evaluation, Labelled, Mistake, Tally
from bot.topics.evaluate import evaluate as measure
from bot.topics.explain import Account, Evidence
from bot.topics.explain import explain as account_for
from bot.topics.file import load_topics
from bot.topics.match import Index, build_index
from bot.topics.syntax import TermRefused, parse_term

TOPICS: Final = "topics.yaml"
_WORST: Final = 12  # mistakes shown to a person, of each kind
_SHOWN: Final = 30  # items of a backtest shown


def match(config_dir: Path, file: Path | None) -> int:
    """Items as JSON lines (file or standard input) → what each carries, as JSON lines."""
    index = _index(config_dir)
    given = lines_of(file)
    for item in given.read(_item):
        print_line({"id": item.get("id"), **_told(index.match(_text(item)))})
    return int(given.failed)


def evaluate(config_dir: Path, file: Path, *, as_json: bool) -> int:
    """Labelled items → precision, recall and F1 per topic, and the worst mistakes."""
    given = lines_of(file)
    labelled = list(given.read(_labelled))
    evaluation = measure(_index(config_dir), labelled)
    if as_json:
        print_line(
            {
                "scores": [_scores(tally) for tally in evaluation.tallies],
                "worst": [_mistake(mistake) for mistake in evaluation.mistakes],
            }
        )
    else:
        _show_evaluation(evaluation)
    return int(given.failed)


def explain(config_dir: Path, text: Text, *, as_json: bool) -> int:
    """One text → why it would be flagged, or what it lacks."""
    index = _index(config_dir)
    reading, accounts = account_for(text, index)
    if as_json:
        verdicts = [
            {
                "topic": account.verdict.topic,
                "flagged": account.verdict.flagged,
                "score": account.verdict.score,
                "threshold": account.verdict.threshold,
                "lacking": account.lacking,
                "why": [_why(reason) for reason in account.verdict.reasons],
            }
            for account in accounts
        ]
        print_line({**_told(reading.matched), "verdicts": verdicts})
    else:
        _show_accounts(index, reading.matched, accounts)
    return 0


def try_term(config_dir: Path, query: str, items: Sequence[tuple[Item, Text]], days: int) -> int:
    """A term on the items kept for some days → which it would flag, which of them nothing flags today, how noisily."""
    index = _index(config_dir)
    try:
        term = parse_term(query, index.topics.lists)
    except TermRefused as refused:
        print(f"« {query} » : {refused.what('fr')} → {refused.mend('fr')}", file=sys.stderr)
        return 1
    result = backtest(term, items, index)
    for found in result.found[-_SHOWN:]:
        already = ", ".join(found.topics) or "nouveau"
        print(f"{found.thing.found_at:%Y-%m-%d}  [{already}]  {found.thing.outlet} : {found.thing.title}")
    print(
        f"{result.read} articles en {days} jours : {len(result.found)} contiennent « {query} »"
        f" ({result.rate:.1%}, {len(result.found) / days:.1f} par jour),"
        f" dont {len(result.added)} que rien ne signale aujourd’hui."
    )
    return 0


def _index(config_dir: Path) -> Index:
    return build_index(load_topics(config_dir / TOPICS))


# ── Lines ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _item(line: bytes) -> dict[str, Any]:
    return read_item(line, ("title", "summary", "body", "lang", "source"), needed=("title",))


def _text(given: dict[str, Any]) -> Text:
    texts = {key: given.get(key) or "" for key in ("summary", "body", "source")}
    return Text(given["title"], lang=given.get("lang") or None, **texts)


def _labelled(line: bytes) -> Labelled:
    given = _item(line)
    labels = given.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadLine("« labels » manque ou n’est pas une liste de noms")
    sampling = str(given.get("sampling") or "")
    return Labelled(
        str(given.get("id", "")), _text(given), frozenset(labels), sampling, unsure=bool(given.get("unsure"))
    )


def _told(matched: Matched) -> dict[str, Any]:
    return {
        "topics": list(matched.topics),
        "scores": {verdict.topic: verdict.score for verdict in matched.verdicts},
        "why": [_why(reason) for reason in matched.reasons],
        "places": [{"name": place.name, "kind": place.kind, "region": place.region} for place in matched.places],
        "lang": matched.lang,
    }


def _why(reason: Reason) -> dict[str, Any]:
    return {
        "topic": reason.topic,
        "term": reason.term,
        "field": reason.field.value,
        "text": reason.text,
        "weight": reason.weight,
    }


def _scores(tally: Tally) -> dict[str, Any]:
    return {
        "slice": tally.slice,
        "topic": tally.topic,
        "items": tally.items,
        "precision": round(tally.precision, 4),
        "recall": round(tally.recall, 4),
        "f1": round(tally.f1, 4),
        "right": tally.right,
        "false": tally.false,
        "missed": tally.missed,
    }


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "id": mistake.item.id,
        "topic": mistake.topic,
        "kind": "missed" if mistake.missed else "false",
        "margin": mistake.margin,
        "title": mistake.item.text.title,
        "terms": list(mistake.because),
    }


# ── For people ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _show_evaluation(evaluation: Evaluation) -> None:
    from rich.console import Console
    from rich.table import Table

    heads = ("ensemble", "sujet", "n", "précision", "rappel", "F1", "vrais", "faux", "manqués")
    table = Table(*heads, box=None, padding=(0, 1, 0, 0))
    last = ""
    for tally in evaluation.tallies:
        figures = (tally.precision, tally.recall, tally.f1)
        counts = (tally.right, tally.false, tally.missed)
        table.add_row(
            "" if tally.slice == last else tally.slice,
            tally.topic,
            str(tally.items),
            *(f"{figure:.3f}" for figure in figures),
            *map(str, counts),
        )
        last = tally.slice
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for missed, head in ((True, "alertes manquées"), (False, "fausses alertes")):
        worst = [mistake for mistake in evaluation.mistakes if mistake.missed is missed]
        console.print(f"\n{head} : {len(worst)} (sur les articles sûrs, les pires d’abord)", style="bold")
        for mistake in worst[:_WORST]:
            terms = f"  ← {' ; '.join(mistake.because)}" if mistake.because else ""
            console.print(f"  {mistake.topic}  {mistake.item.text.title}{terms}", markup=False)


def _show_accounts(index: Index, matched: Matched, accounts: Sequence[Account]) -> None:
    from rich.console import Console

    from bot.locales import say

    topics = {topic.id: topic for topic in index.topics.topics}
    console = Console(highlight=False, soft_wrap=True)
    if not accounts:
        console.print("Aucun terme trouvé : cet article ne serait pas signalé.")
    for account in accounts:
        verdict, topic = account.verdict, topics[account.verdict.topic]
        style = "bold green" if verdict.flagged else "bold yellow"
        said = "signalé" if verdict.flagged else f"non signalé : {account.lacking}"
        points = f"{_number(verdict.score)} pour un seuil de {_number(verdict.threshold)}"
        console.print(f"{topic.emoji} {topic.names['fr']} — {said} ({points})", style=style, markup=False)
        for evidence in account.evidence:
            field = say("fr", f"topics.field_{evidence.reason.field}")
            group = say("fr", f"topics.group_{evidence.reason.group}")
            weight = f"{evidence.reason.weight:+.2f}".replace(".", ",")
            console.print(f"   {weight} {group}, {field} : {evidence.reason.term}", markup=False)
            console.print(_marked(evidence, style))
    for place in matched.places:
        console.print(f"📍 {place.name} ({place.kind}, {place.region}) ← {place.text}", markup=False)


def _marked(evidence: Evidence, style: str) -> Any:
    from rich.text import Text as Styled

    shown = Styled("      « ") + Styled(evidence.sentence)
    for start, end in evidence.marks:
        shown.stylize(f"{style} underline", start + 8, end + 8)
    return shown + Styled(" »")


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
