"""Finds a Python that Odoo's pins work with: 3.11 or 3.12, with the venv module."""

import os
import shutil
import subprocess

from .errors import Problem

USABLE = ((3, 11), (3, 12))
CANDIDATES = ("/usr/bin/python3", "python3.11", "python3.12", "python3")
PROBE = "import sys; print(*sys.version_info[:2]); import venv, ensurepip"


def probe(command):
    """(version, has venv) of an interpreter, or None when it does not start."""
    try:
        done = subprocess.run(
            [command, "-c", PROBE], capture_output=True, text=True, timeout=30, check=False
        )
        major, minor = done.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (int(major), int(minor)), done.returncode == 0


def find():
    """The path of a usable interpreter and its version.

    The system's own comes first: one in somebody's home folder may be closed to other users.
    """
    seen = {}
    for candidate in CANDIDATES:
        path = shutil.which(candidate)
        found = path and os.path.realpath(path) not in seen and probe(path)
        if not found:
            continue
        version, has_venv = found
        seen[os.path.realpath(path)] = (path, version, has_venv)
        if version in USABLE and has_venv:
            return path, version
    raise nothing_usable(list(seen.values()))


def nothing_usable(found):
    without_venv = [(path, version) for path, version, _venv in found if version in USABLE]
    if without_venv:
        path, version = without_venv[0]
        return Problem(
            f"{path} is Python {version[0]}.{version[1]}, but its venv module is missing.",
            f"Install it: apt-get install python{version[0]}.{version[1]}-venv",
        )
    versions = sorted({version for _path, version, _venv in found})
    names = ", ".join(f"{major}.{minor}" for major, minor in versions) or "none"
    if versions and versions[0] > USABLE[-1]:
        reason = "too new: a library that prints barcodes has no build for it"
    else:
        reason = "too old for Odoo 19 with these pins"
    return Problem(
        f"No usable Python: found {names}, {reason}.",
        "Install Python 3.11 or 3.12 beside it (Debian 12: apt-get install python3 python3-venv).",
    )
