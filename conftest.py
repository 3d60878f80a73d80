"""For every run of pytest: pure tests without Odoo, choice by feature row, and a tally."""

import importlib.machinery
import json
import os
import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
ODOO_PLUGIN = "pytest_odoo"
CATEGORIES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_addoption(parser):
    parser.addoption("--feature", action="append", default=[], help="feature row, e.g. B13")


def pytest_configure(config):
    if not config.pluginmanager.hasplugin(ODOO_PLUGIN):
        announce_addons()


def announce_addons():
    """Make `property_x.tools.y` importable without running the add-on's __init__, which needs Odoo.

    Pure tests may then use relative imports (`from ...tools import periods`) or Odoo's full names.
    """
    outer = sys.modules.setdefault("odoo", package("odoo", []))
    addons = package("odoo.addons", [])
    outer.addons = sys.modules.setdefault("odoo.addons", addons)
    for manifest in ROOT.glob("addons/*/__manifest__.py"):
        folder = manifest.parent
        for name in (folder.name, f"{folder.name}.tests"):
            module = package(name, [str(folder.joinpath(*name.split(".")[1:]))])
            sys.modules[name] = module
        sys.modules[f"odoo.addons.{folder.name}"] = sys.modules[folder.name]
        setattr(outer.addons, folder.name, sys.modules[folder.name])


def package(name, path):
    module = types.ModuleType(name)
    module.__path__ = path
    module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
    module.__spec__.submodule_search_locations = path
    return module


def pytest_ignore_collect(collection_path, config):
    """Odoo's tests need its plugin; pure ones need to be without it."""
    try:
        parts = collection_path.relative_to(ROOT / "addons").parts
    except ValueError:
        return None
    if "tests" not in parts or collection_path.name == "tests":
        return None
    is_pure = "pure" in parts
    return is_pure == config.pluginmanager.hasplugin(ODOO_PLUGIN) or None


def pytest_collection_modifyitems(config, items):
    wanted = config.getoption("feature")
    if not wanted:
        return
    pattern = re.compile(rf"\[[^]]*\b(?:{'|'.join(map(re.escape, wanted))})\b[^]]*\]")
    chosen = [item for item in items if pattern.search(docstrings(item))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def docstrings(item):
    objects = (getattr(node, "obj", None) for node in item.listchain())
    return "\n".join(found.__doc__ or "" for found in objects if found)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Write this run's counts for ./property test, which adds up those of several runs."""
    path = os.environ.get("PROPERTY_TALLY")
    if path:
        counts = {key: len(terminalreporter.getreports(key)) for key in CATEGORIES}
        Path(path).write_text(json.dumps(counts), encoding="utf-8")
