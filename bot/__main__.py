"""Words typed in a terminal become one call: the command line.

Each command imports what it needs when it runs, so that `--help` and `check` answer at once and nothing but `run` and
`demo` ever loads the Telegram library.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import ConfigError, GuetteurError
from bot.settings import Settings, load_settings

cli = typer.Typer(
    name="guetteur",
    help="Guetteur veille sur des fils de presse et alerte sur Telegram : immigration, municipalités, travail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="La base de données.", no_args_is_help=True)
cli.add_typer(database, name="db")

AsJson = Annotated[bool, typer.Option("--json", help="Une ligne JSON par résultat.")]
InputFile = Annotated[Path | None, typer.Argument(help="Fichier de lignes JSON ; sans lui, l’entrée standard.")]


class Role(StrEnum):
    """Which part of the bot a process plays."""

    ALL = "all"
    POLL = "poll"
    DELIVER = "deliver"
    CHAT = "chat"


@cli.command()
def run(role: Annotated[Role, typer.Option(help="Quelle partie du robot.")] = Role.ALL) -> None:
    """Lance le robot ; SIGTERM l’arrête proprement."""
    from bot.commands.run import run as start

    raise typer.Exit(start(_settings(), role.value))


@cli.command()
def demo() -> None:
    """Montre toute la chaîne sur des fils d’exemple, hors ligne et sans jeton."""
    from bot.ops.demo import demo as show

    raise typer.Exit(show())


@cli.command()
def playground(
    seconds: Annotated[float | None, typer.Option(help="Finit de lui-même.", min=1)] = None,
) -> None:
    """Ouvre une page où parler au vrai robot, sur des fils d’exemple, hors ligne et sans jeton."""
    from bot.ops.playground import playground as play

    raise typer.Exit(play(seconds))


@cli.command()
def check(
    *,
    online: Annotated[bool, typer.Option("--online", help="Essaie aussi chaque fil et nomme les morts.")] = False,
) -> None:
    """Relit les réglages et les deux fichiers ; dit tous les problèmes d’un coup, et comment les corriger."""
    from bot.commands.check import check as inspect

    raise typer.Exit(inspect(_settings(), online=online))


@cli.command()
def poll(
    feed: Annotated[str | None, typer.Option(help="Un identifiant de feeds.yaml, une adresse ou un fichier.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once/--follow", help="Une tournée, ou sans fin : ce qui est neuf.")] = True,
    as_json: AsJson = False,
) -> None:
    """Lit des fils sans rien dire à personne : un article par ligne."""
    from bot.commands.feeds import poll as read

    raise typer.Exit(read(_settings(), feed, follow=not once, as_json=as_json))


@cli.command()
def match(file: InputFile = None) -> None:
    """Classe des articles (lignes JSON) selon topics.yaml."""
    from bot.commands.topics import match as classify

    raise typer.Exit(classify(_settings().config_dir, file))


@cli.command()
def explain(
    text: Annotated[str, typer.Argument(help="Un texte, ou l’adresse d’une page.")], *, as_json: AsJson = False
) -> None:
    """Dit pourquoi un texte serait signalé, ou ce qui lui manque."""
    from bot.commands.explain import explain as tell

    raise typer.Exit(tell(_settings(), text, as_json=as_json))


@cli.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lignes JSON avec « labels ».")], *, as_json: AsJson = False
) -> None:
    """Mesure la précision et le rappel des mots-clés sur des articles étiquetés."""
    from bot.commands.topics import evaluate as measure

    raise typer.Exit(measure(_settings().config_dir, file, as_json=as_json))


@cli.command("try")
def try_term(
    query: Annotated[str, typer.Argument(help="Un terme, écrit comme dans topics.yaml.")],
    days: Annotated[int, typer.Option(help="Sur combien de jours d’articles.", min=1, max=400)] = 30,
) -> None:
    """Essaie un terme sur les articles gardés : ce qu’il aurait envoyé."""
    from bot.commands.data import try_term as backtest

    raise typer.Exit(backtest(_settings(), query, days))


@cli.command()
def stories(file: InputFile = None) -> None:
    """Regroupe des articles (lignes JSON, par ordre de temps) en nouvelles."""
    from bot.commands.stories import stories as group

    raise typer.Exit(group(file))


@cli.command()
def summarise(
    source: Annotated[str | None, typer.Argument(help="Une page HTML, une adresse ou des lignes JSON.")] = None,
) -> None:
    """Résume une page ou des articles, dans les mots de la source."""
    from bot.commands.summarise import summarise as shorten

    raise typer.Exit(shorten(_settings(), source))


@cli.command("export")
def export_rest(
    folder: Annotated[Path, typer.Argument(help="Un dossier, fait s’il n’existe pas.")],
    *,
    people: Annotated[bool, typer.Option("--people", help="Aussi les abonnés : données personnelles.")] = False,
) -> None:
    """Écrit ce qui n’est pas dans config/ : ce que les admins ont changé, les fils en OPML, les abonnés si demandé."""
    from bot.commands.moving import export

    raise typer.Exit(export(_settings(), folder, "people" if people else "nobody"))


@cli.command("import")
def import_rest(
    folder: Annotated[Path, typer.Argument(help="Le dossier d’un export.")],
    *,
    people: Annotated[bool, typer.Option("--people", help="Aussi les abonnés.")] = False,
) -> None:
    """Apporte ce qu’un export a écrit ; ce qui y est déjà reste comme il est."""
    from bot.commands.moving import import_

    raise typer.Exit(import_(_settings(), folder, "people" if people else "nobody"))


@database.command("upgrade")
def database_upgrade() -> None:
    """Met le schéma à jour ; `run` le fait aussi au départ."""
    from bot.commands.data import upgrade_database

    raise typer.Exit(upgrade_database(_settings()))


@database.command("backup")
def database_backup(file: Annotated[Path, typer.Argument(help="Le fichier à écrire, qui n’existe pas.")]) -> None:
    """Copie une base SQLite pendant que le robot tourne (PostgreSQL : pg_dump)."""
    from bot.commands.data import backup_database

    raise typer.Exit(backup_database(_settings(), file))


@database.command("copy")
def database_copy(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="sqlite:///fichier ou postgresql://hôte/base.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="La base à remplir.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Efface d’abord ce que TO contient.")] = False,
) -> None:
    """Copie une base dans une autre, de SQLite à PostgreSQL ou l’inverse, et compare chaque ligne."""
    from bot.commands.data import copy_database

    raise typer.Exit(copy_database(origin, destination, "replace" if replace else "refuse"))


def _settings() -> Settings:
    """Settings, or every problem of theirs and exit 1."""
    try:
        return load_settings()
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from error


def main() -> None:
    """The `guetteur` command: an expected error is one sentence and exit 1, never a traceback."""
    try:
        cli()
    except GuetteurError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
