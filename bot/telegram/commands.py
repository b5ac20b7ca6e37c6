"""What a person types becomes a command we know: French and English, with or without accents; and the menus of both.

Telegram only links and lists commands in a-z, 0-9 and _, so menus hold the plain spellings (core.telegram.org/bots/api
#botcommand); what is typed is folded first, so that /état, /Etat and /etat@our_bot are one command.
"""

import difflib
from dataclasses import dataclass

from bot.changes import Role
from bot.locales import say
from bot.model import ChatKind
from bot.text.fold import fold


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is ours; `spellings` by language, the first one stands in the menu; the others are understood too."""

    name: str
    fr: tuple[str, ...]
    en: tuple[str, ...]

    def spelling(self, language: str) -> str:
        return (self.en if language == "en" else self.fr)[0]


COMMANDS = (
    Command("topics", ("sujets", "sujet", "themes", "abonnements"), ("topics", "topic", "subscriptions")),
    Command("latest", ("dernieres", "derniere", "nouvelles", "recentes"), ("latest", "last", "recent", "news")),
    Command("search", ("chercher", "cherche", "recherche", "rechercher", "trouver"), ("search", "find")),
    Command("why", ("pourquoi",), ("why",)),
    Command("rhythm", ("rythme", "frequence", "horaire"), ("rhythm", "schedule", "frequency")),
    Command("keywords", ("motscles", "motcle", "motsclefs", "motclef"), ("keywords", "keyword")),
    Command("sources", ("sources", "source", "medias", "media"), ("sources", "source", "outlets", "outlet")),
    Command("channel", ("canal", "canaux", "chaine"), ("channel", "channels")),
    Command("pause", ("pause", "suspendre"), ("pause", "mute")),
    Command("resume", ("reprendre", "reprise"), ("resume", "unpause", "unmute")),
    Command("status", ("etat", "statut"), ("status", "state")),
    Command("language", ("langue",), ("language", "lang")),
    Command("help", ("aide",), ("help",)),
    Command("privacy", ("confidentialite", "vieprivee"), ("privacy",)),
    Command("mydata", ("mesdonnees", "donnees"), ("mydata", "data", "export")),
    Command(
        "forget",
        ("oublier", "oublie", "oubliez", "oubliezmoi", "effacer", "supprimer"),
        ("forget", "forgetme", "erase", "delete"),
    ),
    Command(
        "stop",
        ("stop", "arreter", "arret", "desabonner", "desabonnement", "quitter"),
        ("stop", "unsubscribe", "quit", "leave"),
    ),
    Command("start", ("start", "demarrer", "commencer", "menu", "accueil"), ("start", "begin", "menu", "home")),
)
# Known to those who have the role, in private; for anybody else they are no commands at all.
STAFF = (
    (Role.EDITOR, Command("words", ("mots", "mot", "termes"), ("terms", "words"))),
    (Role.EDITOR, Command("addterm", ("ajoutermot", "ajouterterme"), ("addterm", "addword"))),
    (Role.EDITOR, Command("removeterm", ("retirermot", "retirerterme"), ("removeterm", "removeword"))),
    (Role.EDITOR, Command("tryterm", ("essai", "essayer"), ("try",))),
    (Role.EDITOR, Command("explain", ("expliquer", "explique"), ("explain",))),
    (Role.EDITOR, Command("quality", ("qualite",), ("quality",))),
    (Role.EDITOR, Command("feeds", ("fils", "fil"), ("feeds", "feed"))),
    (Role.EDITOR, Command("journal", ("journal",), ("log", "changes"))),
    (Role.ADMIN, Command("addfeed", ("ajouterfil",), ("addfeed",))),
    (Role.ADMIN, Command("broadcast", ("diffuser", "diffusion"), ("broadcast",))),
    (Role.ADMIN, Command("subscribers", ("abonnes",), ("subscribers",))),
    (Role.ADMIN, Command("ban", ("bannir", "bannis"), ("ban", "bans"))),
    (Role.ADMIN, Command("reload", ("recharger",), ("reload",))),
    (Role.ADMIN, Command("exportfiles", ("exporter",), ("exportfiles",))),
    (Role.OWNER, Command("admins", ("admins", "responsables"), ("admins",))),
)
PRIVATE_ALONE = {"channel"}  # elsewhere they only say where to be written
NAMES = {spelling: command.name for command in COMMANDS for spelling in (command.name, *command.fr, *command.en)}
STAFF_NAMES = {
    spelling: (role, command.name) for role, command in STAFF for spelling in (command.name, *command.fr, *command.en)
}
BY_NAME = {command.name: command for command in (*COMMANDS, *(command for _, command in STAFF))}


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as we understood it: `name` "" when we know no such command; `word` folded; `argument` as typed."""

    name: str
    word: str
    argument: str = ""


def read_command(text: str, username: str, role: Role | None = None) -> Typed | None:
    """The command at the start of a text; None for plain text and for a command meant for another bot.

    `role`: of who writes, where its commands may be given.
    """
    if not text.startswith("/"):
        return None
    head, *rest = text[1:].split(maxsplit=1) or [""]
    word, _, addressee = head.partition("@")
    if addressee and addressee.lower() != username.lower():
        return None
    squeezed = squeeze(word)
    needed, name = STAFF_NAMES.get(squeezed, (Role.OWNER, ""))
    if name and role and role.reaches(needed):
        return Typed(name, squeezed, " ".join(rest))
    return Typed(NAMES.get(squeezed, ""), squeezed, " ".join(rest))


def read_word(text: str) -> Typed | None:
    """A single word that is a command without its slash: people type « stop » and « aide »."""
    squeezed = squeeze(text)
    return Typed(NAMES[squeezed], squeezed) if squeezed in NAMES else None


def nearest(word: str) -> str | None:
    """The name of the command a mistyped word was probably meant for."""
    close = difflib.get_close_matches(word[:40], NAMES, n=1, cutoff=0.75)
    return NAMES[close[0]] if close else None


def squeeze(word: str) -> str:
    """Folded, and without the hyphens and underscores people put into commands."""
    return "".join(char for char in fold(word[:80]) if char.isalnum())


def spelled(name: str, language: str) -> str:
    """A command as a sentence names it: « /etat »."""
    return f"/{BY_NAME[name].spelling(language)}"


def menu(language: str, kind: ChatKind = ChatKind.PRIVATE, role: Role | None = None) -> list[tuple[str, str]]:
    """The commands of the menu in one language and one kind of chats: spelling and description.

    `role`: of the person whose private chat it is; its commands stand last.
    """
    left_out = {"start"} if kind is ChatKind.PRIVATE else {"start", *PRIVATE_ALONE}
    everybody = [
        (command.spelling(language), say(language, f"chat.menu_{command.name}"))
        for command in COMMANDS
        if command.name not in left_out
    ]
    return everybody + [
        (command.spelling(language), say(language, f"admin.menu_{command.name}"))
        for needed, command in STAFF
        if role and role.reaches(needed)
    ]


def staff_menu(role: Role, language: str) -> list[str]:
    """The commands a role adds, each as a line of the help."""
    return [
        f"{spelled(command.name, language)} — {say(language, f'admin.menu_{command.name}')}"
        for needed, command in STAFF
        if role.reaches(needed)
    ]
