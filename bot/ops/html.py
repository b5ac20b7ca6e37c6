"""Texts and elements become HTML in which a text can never be markup: the one place where pages escape.

A child that is text is escaped; only what `tag` made passes as it is. No template engine: the pages are few and small,
and here a forgotten escape is a type error rather than a hole. Must never take markup from outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

VOID = frozenset({"meta", "link", "input", "br", "rect", "line"})  # elements without content


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is well formed."""

    markup: str


Child = Html | str | int | Iterable["Html"] | None


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """One element. `class_` is class, `aria_label` is aria-label; None and False leave an attribute out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if name in VOID and not children:
        return Html(f"<{name}{given}>" if name not in {"rect", "line"} else f"<{name}{given}/>")
    return Html(f"<{name}{given}>{''.join(map(_markup, children))}</{name}>")


def raw_style(css: str) -> Html:
    """A style sheet of ours, which is no text of anybody."""
    return Html(f"<style>{css}</style>")


def document(language: str, head: Iterable[Html], body: Iterable[Html]) -> str:
    """A whole page."""
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang=language).markup}"


def is_web(url: str) -> bool:
    """Whether an address from outside may be a link: javascript: and its kind may not."""
    return url.startswith(("https://", "http://"))


def _attribute(key: str, value: str | int | bool | None) -> str:  # noqa: FBT001 (HTML's own bare attributes)
    name = key.rstrip("_").replace("_", "-")
    if value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def _markup(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child.markup
    if isinstance(child, str | int):
        return escape(str(child), quote=False)
    return "".join(map(_markup, child))
