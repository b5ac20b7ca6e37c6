"""The project's prose says what the code does: links lead somewhere, tables and lists are complete."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
FIRST_CELL = re.compile(r"^\| `([^`]+)`", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page):
    dead = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert dead == []


def test_the_readme_lists_every_setting_with_its_default():
    from bot.settings import PREFIX, Settings

    rows = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \|([^|]*)\|", README, re.MULTILINE))
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        written = rows[name.upper()].strip().strip("`")
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert float(written) == field.default, name
        elif isinstance(field.default, str) and name != "contact_url":
            assert written == field.default, name


def test_the_readme_lists_every_command_of_the_terminal():
    from typer.main import get_command

    from bot.__main__ import cli

    commands = get_command(cli).commands
    flat = {f"{name} {sub}" for name, group in commands.items() for sub in getattr(group, "commands", {})}
    flat |= {name for name, command in commands.items() if not getattr(command, "commands", {})}
    section = README.partition("## Command line")[2].partition("\n## ")[0]
    listed = {re.match(r"[a-z]+(?: [a-z]+)?", cell)[0] for cell in FIRST_CELL.findall(section)}
    assert listed == flat


def test_the_chat_commands_of_the_readme_are_understood_and_mean_the_same_in_both_languages():
    from bot.telegram.commands import read_command

    section = README.partition("## What people can do in the chat")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`/.+?) \| (`/.+?) \|", section, re.MULTILINE)
    assert len(rows) >= 8
    for row in rows:
        french, english = ([read_command(word, "bot").name for word in re.findall(r"/\w+", cell)] for cell in row)
        assert french == english, row
        assert all(french), row


def test_the_examples_of_both_files_are_accepted_and_mean_what_the_comments_say(tmp_path):
    from bot.feeds.file import load_feeds
    from bot.model import Text
    from bot.topics.file import load_topics
    from bot.topics.match import build_index

    feeds, topics = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "feeds.yaml").write_text(feeds, "utf-8")
    (tmp_path / "topics.yaml").write_text(topics, "utf-8")
    assert len(load_feeds(tmp_path / "feeds.yaml").feeds) == 1
    index = build_index(load_topics(tmp_path / "topics.yaml"))

    def flags(title, summary=""):
        return index.match(Text(title, summary, lang="fr")).topics == ("immigration",)

    assert flags("Des demandeuses d’asile logées à Laval")
    assert flags("DEMANDEURS D'ASILE : un centre ferme")
    assert flags("La loi 96 devant la Cour")
    assert not flags("La loi 97 devant la Cour")
    assert flags("Cours de francisation annulés")
    assert flags("Le MIFI répond")
    assert not flags("Mifi répond")
    assert flags("Un permis fermé lie le travailleur")
    assert flags("Un nouveau seuil pour les immigrants")
    assert flags("Une famille de réfugiés s'installe")
    assert not flags("Une famille s'installe", "Elle accueille des réfugiés.")


def test_the_architecture_describes_every_table_and_no_other():
    from bot.store.tables import metadata

    section = ARCHITECTURE.partition("## The tables")[2].partition("\n## ")[0]
    assert set(FIRST_CELL.findall(section)) == set(metadata.tables)


def test_the_architecture_describes_every_room():
    section = ARCHITECTURE.partition("## The rooms")[2].partition("\n### ")[0]
    rooms = {path.name + "/" for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists()}
    files = {path.name for path in (ROOT / "bot").glob("*.py")} - {"__init__.py", "__main__.py"}
    missing = [name for name in rooms | files if f"`{name}`" not in section]
    assert missing == []


def test_the_architecture_repeats_the_two_sentences_of_the_package():
    import bot

    assert bot.__doc__ is not None
    sentences = bot.__doc__.partition("\n\n")[2].strip()
    written = re.sub(r"^ {4}", "", ARCHITECTURE, flags=re.MULTILINE)
    assert sentences in written


def test_files_named_in_the_architecture_exist():
    named = set(re.findall(r"`((?:bot/)?[a-z_]+/[a-z_/]+(?:\.py)?/?)`", ARCHITECTURE))
    absent = [name for name in named if not any((ROOT / base / name).exists() for base in (".", "bot"))]
    assert absent == []


def test_the_decisions_are_all_listed():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    unlisted = [page.name for page in folder.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index]
    assert unlisted == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*-fr.md")), ids=lambda page: page.name)
def test_french_quotation_marks_never_stand_alone_at_the_end_of_a_line(page):
    assert re.findall(r".*(?:«(?!\u00a0)|(?<!\u00a0)»).*", page.read_text("utf-8")) == []
