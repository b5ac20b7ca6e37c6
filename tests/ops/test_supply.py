"""What Guetteur runs on is named, with its licence, and nothing of it forbids anyone to run it or pass it on."""

import json
import re

from tests.supply import LICENCES, LOCK, licences, packages, sbom

PERMISSIVE = {"MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC", "CNRI-Python"}
WEAK = {"MPL-1.1", "MPL-2.0"}  # files of theirs stay theirs; asks nothing of ours


def names(page: str) -> set[str]:
    return set(re.findall(r"^\| ([\w.-]+) \| [^|]", page, re.MULTILINE)) - {"package"}


def test_the_page_of_licences_says_what_is_locked_and_installed():
    page, locked = LICENCES.read_text("utf-8"), set(re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE))
    assert [row for row in licences().splitlines() if row not in page.splitlines()] == [], "run: make licences"
    assert names(page) <= locked, "run: make licences"


def test_every_licence_lets_anyone_run_it_and_pass_it_on():
    def is_free(licence: str) -> bool:
        choices = licence.replace("(", "").replace(")", "").split(" OR ")
        return any(set(choice.split(" AND ")) <= PERMISSIVE | WEAK for choice in choices)

    assert {one.name: one.licence for one in packages() if not is_free(one.licence)} == {}


def test_the_bill_of_materials_names_every_package_with_its_version_licence_and_needs():
    bill = json.loads(sbom())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["name"]: part for part in bill["components"]}
    assert parts.keys() == {one.name for one in packages()}
    assert all(part["licenses"] and part["purl"].endswith(f"@{part['version']}") for part in parts.values())
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    assert {"aiohttp", "pydantic", "magic-filter"} <= set(needs["aiogram"])
    assert set(needs["guetteur"]) == parts.keys()
