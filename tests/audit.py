"""The hashed lock → known vulnerabilities, asked of the advisory service: exit 1 when there is one.

What cannot be asked (no network, a mirror that keeps no advisories) is said in one line and is no failure: a build
without network must still be possible. Must never say "checked" of a package that was not.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120
COMMAND = (
    sys.executable,
    *("-m", "pip_audit", "--require-hashes", "--disable-pip", "--requirement", "requirements.lock"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What to print, and whether to fail."""

    lines: tuple[str, ...]
    failed: bool = False


def report(output: str, errors: str) -> Report:
    """pip-audit's JSON (its standard output) and its complaints → what to say."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "no answer")
        return Report((f"not checked: {last[:200]}",))
    known = [package for package in packages if "skip_reason" not in package]
    found = [(package, flaw) for package in known for flaw in package["vulns"]]
    lines = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package, flaw in found
    ]
    left = len(packages) - len(known)
    if left:
        lines.append(f"not checked: the advisory service does not know {left} of {len(packages)} packages")
    if known:
        lines.append(f"{len(known)} packages checked, {len(found)} known vulnerabilities")
    return Report(tuple(lines), failed=bool(found))


def main() -> int:
    try:
        done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        told = report(done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        told = Report((f"not checked: no answer within {SECONDS} s",))
    print("\n".join(told.lines))  # noqa: T201 (a script)
    return int(told.failed)


if __name__ == "__main__":
    sys.exit(main())
