"""Settings and both files become a list of problems, all at once, or a line that says what was read."""

import sys

from bot.errors import ConfigError
from bot.settings import Settings


def check(settings: Settings, *, online: bool) -> int:
    """Prints every problem on standard error and what was read on standard output; 1 when something must be mended.

    With `online`, each feed is fetched once and the dead ones are named.
    """
    from bot.config import load_config

    try:
        config = load_config(settings.config_dir)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} problème(s) à corriger dans {settings.config_dir}.", file=sys.stderr)
        return 1
    for warning in config.warnings:
        print(f"avertissement — {warning}", file=sys.stderr)
    terms = sum(len(topic.terms) for topic in config.topics.topics)
    print(
        f"{settings.config_dir} : {len(config.feeds.feeds)} fils, {len(config.topics.topics)} sujets,"
        f" {terms} termes. Rien à corriger."
    )
    if not settings.bot_token.get_secret_value():
        print("GUETTEUR_BOT_TOKEN n’est pas défini : `run` en a besoin, le reste non.")
    if online:
        from bot.commands.feeds import check_online

        return check_online(settings, config.feeds)
    return 0
