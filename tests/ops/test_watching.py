"""The dashboard and the alert rules of deploy/ ask for numbers that exist, and each alert says what to do."""

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bot.ops.metrics import exposition

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def names() -> set[str]:
    """Every name a query may use."""
    families = text_string_to_metric_families(exposition().decode())
    return {f"{family.name}{suffix}" for family in families for suffix in SUFFIXES.get(family.type, ())}


def test_every_number_that_is_watched_exists():
    asked = {name for expression in EXPRESSIONS for name in re.findall(r"guetteur_\w+", expression)}
    assert len(asked) > 15
    assert asked - names() == set()


def test_every_alert_says_what_it_is_and_what_to_do():
    for rule in RULES:
        told = rule["annotations"]
        assert all(told[key].strip() for key in ("summary", "action")), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}, rule["alert"]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_every_panel_has_its_own_place_and_says_what_it_shows():
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert all(panel[key] for key in ("title", "description", "targets"))
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
