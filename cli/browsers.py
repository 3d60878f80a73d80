"""The browser that bills are printed with, as the product itself finds it."""

import runpy

from .paths import ADDONS


def find_browser():
    module = runpy.run_path(str(ADDONS / "property_base/tools/browsers.py"))
    return module["find_chromium"]()
