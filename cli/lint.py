"""`./property lint`: what can be found without running anything; needs no database."""

import os
import re
import subprocess
from collections import Counter
from xml.etree import ElementTree

from . import addons
from . import stack as stacks
from .paths import ADDONS, ROOT
from .paths import state as prepare_state
from .progress import say

# Odoo's own checkers, of its module test_lint
CHECKS = (
    "undefined-variable",
    "unreachable",
    "function-redefined",
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
PLUGINS = (
    "_pylint_path_setup",
    "_odoo_checker_sql_injection",
    "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
)
DATA_FOLDERS = ("data", "report", "reports", "security", "views", "wizard", "wizards")


def run(_options):
    stack = stacks.ensure(prepare_state(), tests=True)
    findings = 0
    for title, check in (
        ("ruff", ruff),
        ("Odoo's checkers", odoo_checkers),
        ("XML", faulty_xml),
        ("manifests", manifest_faults),
        ("tests", forgotten_tests),
        ("translations", translation_faults),
    ):
        found = check(stack)
        say(f"{title}: {len(found) or 'no'} finding{'' if len(found) == 1 else 's'}")
        print("".join(f"  {line}\n" for line in found), end="")
        findings += len(found)
    return 1 if findings else 0


def ruff(stack):
    command = [str(stack.venv / "bin/ruff"), "check", "--quiet", "--no-cache"]
    return lines([*command, "--output-format=concise", "."], ROOT)


def odoo_checkers(stack):
    if not addons.names():
        return []
    # inside the folder, because Odoo's checkers look for the add-on in the path's first part
    command = [str(stack.python), "-m", "pylint", "--rcfile=/dev/null", "--score=n"]
    command += ["--disable=all", f"--enable={','.join(CHECKS)}"]
    command += [f"--load-plugins={','.join(PLUGINS)}", *addons.names()]
    path = os.pathsep.join(map(str, [stack.odoo, stack.test_lint]))
    found = lines(command, ADDONS, {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"})
    return [line for line in found if not line.startswith("***")]


def lines(command, folder, environ=None):
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode and not found:
        found = [f"{command[0]} ended with code {done.returncode}"]
    return found if done.returncode else []


def faulty_xml(_stack):
    found = []
    for path in sorted(ADDONS.rglob("*.xml")):
        try:
            tree = ElementTree.parse(path)
        except ElementTree.ParseError as error:
            found.append(f"{path.relative_to(ROOT)}: {error}")
            continue
        # of two records with one id the later one wins silently; merges leave such pairs
        ids = Counter(
            record.get("id") for kind in ("record", "template") for record in tree.iter(kind)
        )
        found += [
            f"{path.relative_to(ROOT)}: {name} is defined {count} times"
            for name, count in ids.items()
            if name and count > 1
        ]
    return found


def manifest_faults(_stack):
    """Files that are named and missing, and files that are there and loaded by nobody."""
    found = []
    for name, manifest in addons.manifests().items():
        folder = ADDONS / name
        named = {*manifest.get("data", ()), *manifest.get("demo", ())}
        for key in ("license", "author", "summary", "version", "depends"):
            if not manifest.get(key):
                found.append(f"addons/{name}: the manifest has no {key}")
        if not str(manifest.get("version", "")).startswith("19.0."):
            found.append(f"addons/{name}: the version does not begin with 19.0.")
        there = {
            str(path.relative_to(folder))
            for part in DATA_FOLDERS
            for path in (folder / part).rglob("*.*")
            if path.suffix in (".xml", ".csv")
        }
        found += [
            f"addons/{name}: {path} is named and missing"
            for path in sorted(named - there)
            if not (folder / path).exists()
        ]
        found += [f"addons/{name}: {path} is loaded by nobody" for path in sorted(there - named)]
        for file in ("i18n/zh_CN.po", "README.md"):
            if not (folder / file).exists():
                found.append(f"addons/{name}: there is no {file}")
    return found


def forgotten_tests(_stack):
    """Odoo runs only the tests that tests/__init__.py imports."""
    found = []
    for path in sorted(ADDONS.glob("*/tests/test_*.py")):
        imports = path.with_name("__init__.py")
        text = imports.read_text(encoding="utf-8") if imports.exists() else ""
        if not re.search(rf"\b{path.stem}\b", text):
            found.append(f"{path.relative_to(ROOT)}: not imported in tests/__init__.py")
    return found


def translation_faults(_stack):
    """Of the files alone; that they are complete is shown by tests/test_translations.py."""
    import polib

    found = []
    for path in sorted(ADDONS.glob("*/i18n*/*.po")):
        translated = set()
        for entry in polib.pofile(str(path)):
            place = f"{path.relative_to(ROOT)}:{entry.linenum}"
            used_in = {(entry.msgid, *occurrence) for occurrence in entry.occurrences}
            if used_in & translated:
                found.append(f"{place}: translated twice for one place: {entry.msgid!r}")
            translated |= used_in
            if entry.obsolete:
                found.append(f"{place}: obsolete: {entry.msgid!r}")
            elif "fuzzy" in entry.flags:
                found.append(f"{place}: fuzzy: {entry.msgid!r}")
            elif not entry.msgstr:
                found.append(f"{place}: not translated: {entry.msgid!r}")
    return found
