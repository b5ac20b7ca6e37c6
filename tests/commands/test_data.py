"""The database, from a terminal: what is typed, what is said, what is left alone."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from bot.settings import with_driver
from bot.store.database import open_database
from bot.store.migrate import upgrade
from tests.commands.test_feeds import guetteur


def address(file: Path) -> str:
    return f"sqlite:///{file}"


async def make(folder: Path) -> Path:
    """A database with one row."""
    file = folder / "a.db"
    async with open_database(with_driver(address(file))) as database:
        await upgrade(database)
    with closing(connect(file)) as opened, opened:
        opened.execute("INSERT INTO fact VALUES ('log_key', '\"00\"')")
    return file


async def test_db_copy_says_what_it_copied_and_refuses_to_write_over_it(tmp_path):
    source, target = await make(tmp_path), tmp_path / "b.db"
    code, out, _ = await guetteur(tmp_path, "db", "copy", address(source), address(target))
    assert (code, out.splitlines()) == (0, ["fact\t1", "1 lignes copiées et comparées une à une : tout est pareil"])
    code, out, err = await guetteur(tmp_path, "db", "copy", address(source), address(target))
    assert (code, out) == (1, "")
    assert "--replace" in err
    code, *_ = await guetteur(tmp_path, "db", "copy", address(source), address(target), "--replace")
    assert code == 0


async def test_db_copy_makes_nothing_of_a_mistyped_address(tmp_path):
    source = await make(tmp_path)
    for origin, destination, told in (
        (address(tmp_path / "absent.db"), address(tmp_path / "c.db"), "aucun fichier"),
        (address(source), address(source), "donnez une autre adresse"),
        ("mysql://x/y", address(tmp_path / "c.db"), "base de données inconnue"),
    ):
        code, out, err = await guetteur(tmp_path, "db", "copy", origin, destination)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert told in err
    assert sorted(file.name for file in tmp_path.glob("*.db")) == ["a.db"]
