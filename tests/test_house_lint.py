"""Odoo's own lint, its module test_lint, has nothing against our add-ons."""

import re

from cli import addons
from cli.errors import Problem

# The first three read every file of Odoo for minutes; ./property lint runs their checks on ours
# alone, and looks for forgotten tests itself, because the last does not know of pure ones.
LEFT_OUT = ("TestPyLint", "TestSqlLint", "TestESLint", "TestTestHoles")
ENTRY = re.compile(r"^\d{4}-\d\d-\d\d ", re.MULTILINE)


def test_odoos_own_lint_is_silent(database):
    tags = ",".join(["/test_lint", *(f"-/test_lint:{name}" for name in LEFT_OUT)])
    try:
        database.run("-i", "test_lint", f"--test-tags={tags}", "--stop-after-init", "--no-http")
    except Problem:
        pass  # OCA's add-ons have faults too; the log says whose each is
    log = database.log_file.read_text(encoding="utf-8")
    assert "Starting TestIndex" in log, "the lint did not run"
    ours = re.compile(r"\b(" + "|".join(addons.names()) + r")\b|\bproperty\.\w")
    faults = [
        entry
        for entry in ENTRY.split(log)
        if re.search(r" FAIL: | ERROR: ", entry) and ours.search(entry)
    ]
    assert not faults, "\n".join(faults)
