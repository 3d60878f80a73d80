"""Fetches Odoo from Debian sid with a private apt: no root, nothing of the system is touched."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .errors import NO_NETWORK, Problem, explain
from .progress import say, warn

PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "fonts-glyphicons-halflings",
    "fonts-lato",
)
TESTED_VERSION = "19.0.0+dfsg-1"
UNPACKED = ".unpacked"
LIBRARY = "usr/lib/python3/dist-packages"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
FALLBACK_MIRROR = "http://deb.debian.org/debian"
EXPIRED = re.compile(r"Release file for \S+ is expired")
MIRROR = re.compile(r"(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(https?://\S+/debian)/?(?:\s|$)")
SIGNATURE = re.compile(r"is not signed|NO_PUBKEY|EXPKEYSIG|BADSIG")


def unpack(state, library):
    """Download and unpack into the folder that `library` lies in, unless that is done."""
    if (library / UNPACKED).exists():
        return
    root = library.parents[3]
    debs = download(state)
    temporary = root.with_name(root.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    say(f"Odoo: unpacking {len(debs)} packages …")
    for deb in debs:
        command = ["dpkg-deb", "-x", str(deb), str(temporary)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            deb.unlink()
            raise explain(f"Unpacking {deb.name}", done.stderr)
    shutil.rmtree(root, ignore_errors=True)
    temporary.rename(root)
    version = odoo_version(debs)
    if version != TESTED_VERSION:
        warn(f"Odoo {version} is not the version this was tested with ({TESTED_VERSION}).")
    (library / UNPACKED).write_text(version, encoding="utf-8")
    say(f"Odoo: {version} unpacked")


def odoo_version(debs):
    deb = next(deb for deb in debs if deb.name.startswith("odoo-19_"))
    return deb.name.split("_")[1].replace("%3a", ":")


def download(state):
    """The packages' files: sid keeps only its newest version, so what was once fetched is kept."""
    cache = state.stack / "debs"
    cache.mkdir(exist_ok=True)
    kept = newest(cache)
    if kept:
        return kept
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Problem(
            "There is no apt here, so Debian's Odoo package cannot be fetched.",
            "Set ODOO_SRC to a checkout of Odoo 19.0 (git clone --depth 1 -b 19.0 "
            "https://github.com/odoo/odoo), or run this in a Debian 12 container.",
        )
    if not KEYRING.exists():
        raise Problem(
            f"{KEYRING} is missing, so Debian's signature cannot be checked.",
            "Install it: apt-get install debian-archive-keyring",
        )
    options = update_lists(state.stack / "apt")
    partial = cache / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    say("Odoo: downloading 135 MB from Debian …")
    done = apt(options, "download", *PACKAGES, cwd=partial)
    if done.returncode:
        raise explain("Downloading Odoo from Debian", done.stdout)
    for deb in sorted(partial.glob("*.deb")):
        deb.rename(cache / deb.name)
    return newest(cache)


def newest(cache):
    """One file per package, or nothing when one is missing."""
    found = []
    for package in PACKAGES:
        debs = sorted(cache.glob(f"{package}_*.deb"), key=os.path.getmtime)
        if not debs:
            return []
        found.append(debs[-1])
    return found


def update_lists(folder):
    """Fetch the package list; returns apt's options for what follows."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "preferences.d").mkdir(exist_ok=True)
    own = own_mirror()
    mirrors = [own] if own == FALLBACK_MIRROR else [own, FALLBACK_MIRROR]
    for mirror in mirrors:
        say(f"Odoo: package list of Debian sid from {mirror} …")
        options = apt_options(folder, mirror)
        done = apt(options, "update")
        if done.returncode and EXPIRED.search(done.stdout):
            warn(
                "Debian's package list has expired on this mirror; going on without the check of "
                "its age (its signature is still checked)."
            )
            options += ["-o", "Acquire::Check-Valid-Until=false"]
            done = apt(options, "update")
        if not done.returncode:
            return options
        if SIGNATURE.search(done.stdout):
            raise Problem(
                "The signature of Debian's package list could not be checked.",
                "Update the keys (apt-get install debian-archive-keyring) and run this again.",
            )
    failure = explain(f"Debian's archive ({mirrors[-1]})", done.stdout)
    if NO_NETWORK.search(done.stdout):
        failure.todo += " Without a network, ODOO_SRC can name a checkout of Odoo 19.0."
        raise Problem(failure.what, failure.todo)
    raise failure


def apt_options(folder, mirror):
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} sid main\n", encoding="utf-8")
    settings = {
        "Dir::Etc": folder,
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Trusted": "/dev/null",
        "Dir::Etc::TrustedParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        # without it a failed download is only a warning
        "APT::Update::Error-Mode": "any",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def apt(options, *arguments, cwd=None):
    return subprocess.run(
        ["apt-get", *options, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )


def own_mirror(folder=Path("/etc/apt")):
    """The Debian mirror that this machine uses, so that proxies and local mirrors keep working."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            found = MIRROR.match(line)
            if found:
                return found[1]
    return FALLBACK_MIRROR
