"""`guetteur stories` and `guetteur summarise`: one line out for each good line in, a clear word for each bad one."""

import io
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.commands.stories import stories
from bot.commands.summarise import summarise
from bot.errors import FetchFailed, GuetteurError
from bot.settings import Settings

ITEMS = [
    {"id": "a", "source": "Le Nord", "title": "Belmont décrète un lock-out à Sainte-Ursanne", "date": "2026-11-24"},
    {"id": 2, "source": "Le Sud", "title": "Un tout autre sujet à Belair", "date": "Tue, 24 Nov 2026 10:00:00 -0500"},
    {"id": "c", "source": "Le Sud", "title": "Lock-out de Belmont décrété à Sainte-Ursanne", "summary": None},
    {"id": "d", "source": "Le Sud", "title": "Belmont décrète un lock-out à Sainte-Ursanne", "date": "2026-12-10"},
    {
        "id": "e",
        "source": "Le Sud",
        "title": "Belmont décrète un lock-out à Sainte-Ursanne",
        "date": "2026-11-23T23:00",
    },
]


@pytest.fixture
def typed(monkeypatch):
    """Puts bytes on standard input."""

    def put(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


@pytest.fixture
def settings():
    return Settings(_env_file=None)


def lines(captured):
    return [json.loads(line) for line in captured.out.splitlines()]


def test_stories_come_in_the_order_of_the_lines(tmp_path, capsys):
    file = tmp_path / "items.jsonl"
    file.write_text("\n".join(map(json.dumps, ITEMS)) + "\n\n", "utf-8")
    assert stories(file) == 0
    told = lines(capsys.readouterr())
    assert [line["id"] for line in told] == ["a", 2, "c", "d", "e"]
    by_id = {line["id"]: line["story"] for line in told}
    assert by_id["a"] == by_id["c"] == by_id["e"]
    assert len({by_id["a"], by_id[2], by_id["d"]}) == 3


def test_a_matter_told_again_after_a_fortnight_keeps_its_story(typed, capsys):
    typed(
        b'{"id": 1, "title": "Lionel Grandbois sera candidat dans Verdure", "date": "2026-11-01"}\n'
        b'{"id": 2, "title": "Qui est Lionel Grandbois, le politicien", "date": "2026-11-20"}\n'
    )
    assert stories(None) == 0
    assert len({line["story"] for line in lines(capsys.readouterr())}) == 1


def test_a_bad_line_is_told_with_its_number_and_costs_only_itself(typed, capsys):
    typed(
        b'{"id": 1, "title": "Un titre"}\n\n{"id": 2}\nabc\n[]\n{"title": "x"}\n{"id": 3, "title": 4}\n'
        b'{"id": 5, "title": "x", "date": "demain"}\n\xff\n{"id": 6, "title": "Une autre nouvelle", "date": "2026-11"}\n'
    )
    assert stories(None) == 1
    captured = capsys.readouterr()
    assert [line["id"] for line in lines(captured)] == [1, 6]
    errors = captured.err.splitlines()
    assert [error.split(" :")[0] for error in errors] == [f"entrée standard, ligne {n}" for n in (3, 4, 5, 6, 7, 8, 9)]
    assert "demain" in errors[5]


def test_a_page_is_summarised(tmp_path, capsys, settings):
    page = tmp_path / "page.html"
    page.write_text(
        "<!DOCTYPE html><html><head><title>Entente</title></head><body><article><h1>Entente</h1>"
        "<p>La Ville de Belair a signé lundi une entente de 12 M$ avec Québec.</p>"
        "<p>Elle financera 300 logements pendant trois ans, a dit le maire Roy.</p></article>"
        "<div>RECOMMANDÉS POUR VOUS</div><div>Un ours dans la cour</div></body></html>",
        "utf-8",
    )
    assert summarise(settings, str(page)) == 0
    (told,) = lines(capsys.readouterr())
    assert told["id"] == str(page)
    assert told["summary"].startswith("La Ville de Belair a signé lundi une entente de 12 M$ avec Québec.")
    assert "ours" not in told["summary"]


def test_items_are_summarised_one_line_each(typed, capsys, settings):
    text = "La Ville de Belair a signé lundi une entente de 12 M$ avec Québec."
    given = [
        {"id": 1, "title": "Entente", "text": text},
        {"id": 2, "title": "Entente", "html": f"<p>{text}</p><p>À lire aussi : un ours</p>"},
        {"id": 3, "title": "Entente", "html": f"<html><body><article><p>{text}</p></article></body></html>"},
        {"id": 4, "title": "Un titre seul"},
        {"id": 6, "title": "Entente", "html": f"<main><p>{text}</p></main>"},
        {"id": 5, "title": "Deal", "text": "The town of Belair signed a $12-million deal Monday.", "lang": "en"},
    ]
    typed("\n".join(map(json.dumps, given)).encode())
    assert summarise(settings, None) == 0
    told = lines(capsys.readouterr())
    assert [line["id"] for line in told] == [1, 2, 3, 4, 6, 5]
    assert [line["summary"] for line in told] == [text, text, text, "", text, given[5]["text"]]


def test_a_bad_item_does_not_stop_the_others(typed, capsys, settings):
    typed(
        b'{"id": 1, "text": "La Ville de Belair a sign\xc3\xa9 lundi une entente."}\n{}\nnon\n{"id": 2, "title": 3}\n'
    )
    assert summarise(settings, None) == 1
    captured = capsys.readouterr()
    assert [line["id"] for line in lines(captured)] == [1]
    assert [error.split(" :")[0] for error in captured.err.splitlines()] == [
        f"entrée standard, ligne {number}" for number in (2, 3, 4)
    ]


def test_a_paywall_is_said(tmp_path, capsys, settings):
    page = tmp_path / "page.html"
    page.write_text("<html><body><article><p>Cet article est réservé aux abonnés.</p></article></body></html>", "utf-8")
    assert summarise(settings, str(page)) == 0
    captured = capsys.readouterr()
    assert lines(captured)[0]["summary"] == ""
    assert "réservé aux abonnés" in captured.err


PAGE = (
    "<!DOCTYPE html><html><body><article><h1>Entente</h1>"
    "<p>La Ville de Belair a signé lundi une entente de 12 M$ avec Québec.</p></article></body></html>"
)


class Press(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/a" else 404)
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *args):
        pass


def test_an_address_is_fetched_and_summarised(capsys):
    with HTTPServer(("127.0.0.1", 0), Press) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{server.server_port}"
        settings = Settings(_env_file=None, fetch_allow=place)
        assert summarise(settings, f"http://{place}/a") == 0
        assert "12 M$" in lines(capsys.readouterr())[0]["summary"]
        with pytest.raises(FetchFailed, match="http_404"):
            summarise(settings, f"http://{place}/b")
        server.shutdown()


def test_a_private_address_is_not_fetched(settings):
    with pytest.raises(FetchFailed, match="forbidden_address"):
        summarise(settings, "http://127.0.0.1:9/a")


def test_a_file_that_is_not_there_is_one_sentence(settings):
    with pytest.raises(GuetteurError, match=r"absent\.jsonl : fichier illisible"):
        stories(Path("absent.jsonl"))
    with pytest.raises(GuetteurError, match=r"absent\.jsonl : fichier illisible"):
        summarise(settings, "absent.jsonl")
