"""The hashed lock and what is installed from it → the SBOM (CycloneDX 1.6 JSON) or the list of licences (Markdown).

`make sbom` and `make licences` call it. It names what the bot itself runs on (requirements.lock), never the tools of the
developers. A licence is what the package's own metadata says: PEP 639's expression, else its classifiers, else the
first line of its `License` field. Sources: cyclonedx.org/docs/1.6, packaging.python.org (core metadata), PEP 508.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import metadata, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
LICENCES = ROOT / "docs" / "licences.md"
HEAD = """# Licences of what Guetteur runs on

Guetteur itself is under the MIT licence. This list is made by `make licences` from what each package says of itself; a test
holds it to `requirements.lock`.

| package | licence |
|---|---|
"""
PLAIN = {
    "MIT": "MIT",
    "ISC": "ISC",
    "BSD": "BSD-3-Clause",
    "APACHE": "Apache-2.0",
    "PYTHON SOFTWARE": "PSF-2.0",
    "MPL": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the lock as it is installed, and the names of those it asks for."""

    name: str
    version: str
    licence: str
    needs: frozenset[str]


def packages() -> Iterator[Package]:
    """What the lock pins for this interpreter and platform, in its order."""
    for block in re.split(r"\n(?=\S)", LOCK.read_text("utf-8").strip()):
        pin = Requirement(block.partition("\\")[0].strip())
        if pin.marker and not pin.marker.evaluate():
            continue
        asked = {canonicalize_name(Requirement(one).name) for one in requires(pin.name) or ()}
        yield Package(canonicalize_name(pin.name), version(pin.name), licence_of(pin.name), frozenset(asked))


def licence_of(name: str) -> str:
    """What the package says of itself, shortened to an SPDX name where one is meant; "" when it says nothing."""
    told = metadata(name)
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    written = told["License"].strip().split("\n")[0] if "License" in told else ""
    return _plain(" or ".join(one for one in classified if one != "OSI Approved") or written)


def _plain(said: str) -> str:
    return next((spdx for word, spdx in PLAIN.items() if word in said.upper()), said)


def licences() -> str:
    """The page of licences."""
    rows = sorted((f"| {one.name} | {one.licence} |" for one in packages()), key=str.lower)
    return HEAD + "\n".join(rows) + "\n"


def sbom() -> str:
    """The bill of materials: a component a package, with its licence, its package URL and what it needs of the others."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    named, bom = LicenseFactory(), Bom()
    us = Component(name="guetteur", version=version("guetteur"), type=ComponentType.APPLICATION, bom_ref="guetteur")
    us.licenses.add(named.make_with_id("MIT"))
    bom.metadata.component = us
    told = list(packages())
    parts = {
        one.name: Component(
            name=one.name,
            version=one.version,
            licenses=[named.make_from_string(one.licence)] if one.licence else [],
            purl=PackageURL("pypi", name=one.name, version=one.version),
            bom_ref=one.name,
        )
        for one in told
    }
    bom.components.update(parts.values())
    bom.register_dependency(us, parts.values())
    for one in told:
        bom.register_dependency(parts[one.name], [parts[name] for name in one.needs if name in parts])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def main() -> int:
    made = {"sbom": sbom, "licences": licences}.get(" ".join(sys.argv[1:]))
    if made is None:
        print("usage: supply.py sbom|licences", file=sys.stderr)  # noqa: T201 (a script)
        return 2
    sys.stdout.write(made())
    return 0


if __name__ == "__main__":
    sys.exit(main())
