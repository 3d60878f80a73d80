"""Our add-ons: their manifests, what depends on what, and a hash that tells when one changed."""

import ast
import hashlib
from functools import cache

from .errors import Problem
from .paths import ADDONS

IGNORED = ("__pycache__",)


@cache
def manifests():
    """Manifest by name of every installable add-on of the repository."""
    found = {}
    for path in sorted(ADDONS.glob("*/__manifest__.py")):
        try:
            manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            raise Problem(f"{path} cannot be read: {error}", "Correct the manifest.") from error
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def names():
    return list(manifests())


def closure(chosen):
    """The chosen add-ons with those of ours that they depend on, in the order of names()."""
    wanted, queue = set(), list(chosen)
    while queue:
        name = queue.pop()
        if name in manifests() and name not in wanted:
            wanted.add(name)
            queue += manifests()[name].get("depends", [])
    return [name for name in names() if name in wanted]


def external_depends():
    """What our add-ons need of Odoo's and OCA's."""
    ours = set(names())
    return sorted(
        {
            depend
            for manifest in manifests().values()
            for depend in manifest.get("depends", ["base"])
            if depend not in ours
        }
    )


def digest(name):
    """Hash over the files that an installed database depends on; tests change nothing there."""
    total = hashlib.sha256()
    folder = ADDONS / name
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not path.is_file() or set(parts) & set(IGNORED) or path.suffix in (".pyc", ".md"):
            continue
        if parts[0] == "tests":
            continue
        total.update(str(path.relative_to(folder)).encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def digests(chosen=None):
    return {name: digest(name) for name in (names() if chosen is None else chosen)}


def order(chosen):
    """The chosen add-ons, each after those it depends on."""
    result = []

    def visit(name):
        if name in result or name not in manifests():
            return
        for depend in manifests()[name].get("depends", []):
            visit(depend)
        result.append(name)

    for name in chosen:
        visit(name)
    return [name for name in result if name in chosen]
