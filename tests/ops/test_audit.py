import json

from tests.audit import report

WELL = {"name": "one", "version": "1.0", "vulns": []}
FLAWED = {"name": "two", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}
HOPELESS = {"name": "three", "version": "3.0", "vulns": [{"id": "PYSEC-2", "fix_versions": [], "aliases": []}]}
UNKNOWN = {"name": "four", "skip_reason": "not found"}


def told(*packages):
    return report(json.dumps({"dependencies": packages, "fixes": []}), "")


def test_a_known_vulnerability_fails_and_says_what_mends_it():
    found = told(WELL, FLAWED, HOPELESS)
    assert found.failed
    assert found.lines == (
        "two 2.0: PYSEC-1, mended in 2.1",
        "three 3.0: PYSEC-2, mended in no version yet",
        "3 packages checked, 2 known vulnerabilities",
    )


def test_no_known_vulnerability_passes():
    assert not told(WELL).failed
    assert told(WELL).lines == ("1 packages checked, 0 known vulnerabilities",)


def test_packages_the_service_does_not_know_are_never_called_checked():
    found = told(UNKNOWN, UNKNOWN)
    assert not found.failed
    assert found.lines == ("not checked: the advisory service does not know 2 of 2 packages",)


def test_a_service_out_of_reach_is_one_clear_line_and_no_failure():
    found = report("", "INFO\nERROR:pip_audit._cli:connection failed\n\n")
    assert not found.failed
    assert found.lines == ("not checked: ERROR:pip_audit._cli:connection failed",)
    assert report("[]", "").lines == ("not checked: no answer",)
