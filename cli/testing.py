"""`./property test`: several runs of pytest, one closing line."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from . import addons, databases, odoo, postgres, progress
from . import stack as stacks
from .browsers import find_browser
from .errors import tail
from .paths import ADDONS, ROOT
from .paths import state as prepare_state
from .progress import say, warn

FEATURE = re.compile(r"[A-G]\d{2}")
ODOO_PLUGIN = ["-p", "pytest_odoo"]
# pytest's exit codes: a test failed, no test was collected
FAILED, NOTHING_RUN = 1, 5
# what the command line's own tests need is on every machine, so they come first
PURE_FILES = ("tests/test_cli.py",)
ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
DEBIAN_BROWSER = ("chromium", "fonts-noto-cjk", "poppler-utils")


class Choice:
    """What the command line asks for, as arguments for each of the three runs."""

    def __init__(self, what, quick):
        self.paths, self.options = [], []
        words = []
        for word in what:
            if word in addons.names():
                self.paths.append(f"addons/{word}")
            elif (ROOT / word).resolve() == ADDONS:
                self.paths += [f"addons/{name}" for name in addons.names()]
            elif (ROOT / word).resolve() == ROOT:
                continue  # everything, as without a word
            elif FEATURE.fullmatch(word):
                self.options.append(f"--feature={word}")
            elif (ROOT / word.partition("::")[0]).exists():
                self.paths.append(os.path.relpath(ROOT / word, ROOT))
            else:
                words.append(word)
        if words:
            self.options += ["-k", " or ".join(words)]
        self.marks = ["-m", "not browser and not bench"] if quick else []

    def spread(self):
        """On two processors, each with a database of its own; a few tests are not worth that."""
        return ["-n", "2", "--dist=loadfile"] if self.is_everything() else []

    def is_everything(self):
        return not self.paths and not self.options

    def addons(self):
        """The add-ons whose tests are asked for; None when they are not limited."""
        found = [Path(path).parts[1] for path in self.paths if path.startswith("addons/")]
        return sorted(set(found)) if found else None

    def pure(self):
        if not self.paths:
            pure = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("addons/*/tests/pure"))
            return [*pure, *filter(exists, PURE_FILES)]
        result = []
        for path in self.paths:
            file = path.partition("::")[0]
            if "/tests/pure" in path or file in PURE_FILES:
                result.append(path)
            elif path.startswith("addons/"):
                folders = sorted((ROOT / file).glob("**/tests/pure"))
                result += [str(folder.relative_to(ROOT)) for folder in folders]
        return result

    def odoo(self):
        if not self.paths:
            return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("addons/*/tests"))
        return [p for p in self.paths if p.startswith("addons/") and "/tests/pure" not in p]

    def crossing(self):
        if not self.paths:
            return ["tests", *(f"--ignore={file}" for file in PURE_FILES)]
        return [
            path
            for path in self.paths
            if path.startswith("tests") and path.partition("::")[0] not in PURE_FILES
        ]


def exists(name):
    return (ROOT / name).exists()


class Runner:
    def __init__(self, state, stack, choice):
        self.state = state
        self.stack = stack
        self.choice = choice
        self.total = Counter()
        self.broken = []

    def pytest(self, title, arguments, environ):
        """One run; its counts go into the total."""
        say(f"tests: {title} …")
        with tempfile.NamedTemporaryFile(mode="r", dir=self.state.run) as tally:
            command = [str(self.stack.python), "-m", "pytest", *arguments]
            command += [*self.choice.options, *self.choice.marks]
            environ = {**environ, "PROPERTY_TALLY": tally.name, "PYTHONDONTWRITEBYTECODE": "1"}
            done = subprocess.run(command, cwd=ROOT, env=environ, check=False)
            text = tally.read()
        if text:
            self.total.update(json.loads(text))
        if done.returncode not in (0, FAILED, NOTHING_RUN) or (
            done.returncode == FAILED and not text
        ):
            self.broken.append(title)

    def close(self):
        """Pytest's closing line over all runs; the exit code."""
        counts = [f"{self.total[key]} {key}" for key in ORDER if self.total[key]]
        seconds = progress.elapsed()
        if self.broken:
            print(f"pytest itself ended badly: {', '.join(self.broken)}")
        print(f"== {', '.join(counts) or 'no tests ran'} in {seconds:.2f}s ==")
        failed = self.total["failed"] or self.total["error"] or self.broken
        return 1 if failed or not self.total["passed"] else 0


def run(options):
    choice = Choice(options.what, options.quick)
    state = prepare_state()
    stack = stacks.ensure(state, tests=True)
    runner = Runner(state, stack, choice)
    pure, in_odoo, crossing = choice.pure(), choice.odoo(), choice.crossing()
    environ = clean_environment()
    if crossing and not options.quick:
        ensure_browser()  # first, or the prints of the pure tests would be skipped
    if pure:
        runner.pytest("without Odoo", pure, environ)
    if in_odoo or crossing:
        server = postgres.server(state, stack, tests=True)
        try:
            server.start()
            templates = databases.Templates(state, stack, server)
            if in_odoo:
                run_in_odoo(runner, templates, in_odoo)
            if crossing:
                # browsers would compile the same scripts and styles in every database
                with_assets = choice.is_everything() and not options.quick
                template = templates.get(with_assets=with_assets)
                environ = {**server.environment(), "PROPERTY_TEMPLATE": template}
                runner.pytest("across add-ons", [*choice.spread(), *crossing], environ)
        finally:
            server.stop()
    return runner.close()


def clean_environment():
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def run_in_odoo(runner, templates, paths):
    """The add-ons' own tests, in a clone of a template that has just them installed."""
    template = templates.get(runner.choice.addons())
    name = f"test_{os.getpid()}"
    instance = odoo.Odoo(runner.state, runner.stack, templates.server, name)
    try:
        databases.clone(runner.state, templates.server, template, name)
        instance.configure()
        arguments = [*ODOO_PLUGIN, f"--odoo-config={instance.conf}", f"--odoo-database={name}"]
        # One after the other: pytest-odoo gives its workers one filestore in common, in which a
        # test loses the workbook that it has just stored.
        arguments += ["--odoo-http", *paths]
        runner.pytest("add-ons in Odoo", arguments, instance.environment())
    finally:
        databases.drop(runner.state, templates.server, name)


def ensure_browser():
    """Chromium for the browser tests, which fail with its absence rather than be skipped."""
    if find_browser() and shutil.which("pdftotext"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        warn(
            "no Chromium here, so the browser tests will fail; as root: apt-get install "
            + " ".join(DEBIAN_BROWSER)
        )
        return
    say("Chromium: installing it with apt-get for the browser tests …")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", *DEBIAN_BROWSER]):
        done = subprocess.run(
            ["apt-get", *arguments],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            warn(f"apt-get failed, so the browser tests will fail:\n{tail(done.stdout)}")
            return
