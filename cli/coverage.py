"""`./property coverage`: the feature rows of docs/features.md and the tests that name them."""

import ast
import json
import re

from .errors import Problem
from .paths import ROOT

FEATURES = ROOT / "docs/features.md"
ROW = re.compile(r"^\|\s*(?P<id>[A-G]\d{2})\s*\|\s*(?P<depth>[FPN])\s*\|\s*(?P<name>[^|]+?)\s*\|")
MENTION = re.compile(r"\[([A-G]\d{2}(?:\s*,\s*[A-G]\d{2})*)\]")
DEPTHS = ("F", "P", "N")


def run(_options):
    rows = feature_rows()
    tests = tests_by_feature()
    unknown = sorted(set(tests) - {feature for feature, _depth, _name in rows})
    for feature, depth, name in rows:
        found = tests.get(feature, [])
        print(f"{feature} {depth} {'tested' if found else '-     '} {name}")
        for test in found:
            print(f"        {test}")
    for feature in unknown:
        print(f"unknown row {feature}: named by {', '.join(tests[feature])}")
    print(json.dumps(summary(rows, tests)))
    return 1 if unknown else 0


def feature_rows():
    if not FEATURES.exists():
        raise Problem(f"{FEATURES} does not exist.", "It is a table: id | depth | name | where.")
    found = map(ROW.match, FEATURES.read_text(encoding="utf-8").splitlines())
    return [(row["id"], row["depth"], row["name"]) for row in found if row]


def summary(rows, tests):
    """{section: {depth: [tested rows, rows]}}"""
    result = {}
    for feature, depth, _name in rows:
        section = result.setdefault(feature[0], {key: [0, 0] for key in DEPTHS})
        section[depth][0] += feature in tests
        section[depth][1] += 1
    return result


def test_files():
    return sorted(
        [
            *ROOT.glob("tests/**/test_*.py"),
            *ROOT.glob("addons/*/tests/**/test_*.py"),
        ]
    )


def tests_by_feature():
    """{feature: [test, …]}; an id in a class's or module's docstring counts for its tests."""
    found = {}
    for path in test_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, features in named(tree, str(path.relative_to(ROOT)), ()):
            for feature in features:
                found.setdefault(feature, []).append(name)
    return found


def named(node, name, inherited):
    """Pairs of a test and the features that it names, itself or by what it stands in."""
    features = (*inherited, *mentions(ast.get_docstring(node)))
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            yield from named(child, f"{name}::{child.name}", features)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name.startswith("test"):
                own = (*features, *mentions(ast.get_docstring(child)))
                yield f"{name}::{child.name}", sorted(set(own))


def mentions(docstring):
    return [
        feature
        for group in MENTION.findall(docstring or "")
        for feature in re.split(r"\s*,\s*", group)
    ]
