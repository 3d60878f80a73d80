"""Runs Odoo: its configuration file, one-off commands, scripts in its shell, and the server."""

import contextlib
import ctypes
import functools
import json
import os
import signal
import string
import subprocess
import time
import urllib.error
import urllib.request

from . import postgres
from .errors import DISK_FULL, Problem, disk_full, tail
from .paths import ADDONS, CONFIG

RESULT = "PROPERTY-RESULT:"
PROGRESS = "PROPERTY-PROGRESS:"
TELL = f"""
def tell(text):
    print('{PROGRESS}' + text)

"""


class Odoo:
    """One database of one server, with the configuration to run Odoo on it."""

    def __init__(self, state, stack, server, database):
        self.state = state
        self.stack = stack
        self.server = server
        self.database = database
        self.log_file = state.log / f"{database}.log"
        self.conf = state.run / f"{database}.conf"

    def configure(self, port=8069, interface="127.0.0.1", cron_threads=0):
        template = (CONFIG / "odoo.conf.in").read_text(encoding="utf-8")
        text = string.Template(template).substitute(
            addons_path=",".join(map(str, [ADDONS, *self.stack.core_addons])),
            data_dir=self.state.home,
            db_host=self.server.host,
            db_port=self.server.port,
            db_user=self.server.user,
            db_password=self.server.password or False,
            database=self.database,
            interface=interface,
            port=port,
            cron_threads=cron_threads,
        )
        self.conf.touch(mode=0o600)
        self.conf.write_text(text, encoding="utf-8")
        return self.conf

    def command(self, *arguments, subcommand=()):
        """The subcommand comes before the configuration, or Odoo does not see it."""
        head = [str(self.stack.python), str(self.stack.odoo_bin), *subcommand]
        return [*head, "-c", str(self.conf), "-d", self.database, *map(str, arguments)]

    def environment(self):
        environ = self.server.environment()
        environ.pop("PYTHONPATH", None)
        environ["PYTHONUNBUFFERED"] = "1"
        return environ

    def run(
        self, *arguments, subcommand=(), script="", what="Odoo", env=None, on_line=lambda line: None
    ):
        """Run to the end, log into the database's file; returns the lines that it printed."""
        if not self.conf.exists():
            self.configure()
        lines = []
        with (
            open(self.log_file, "ab") as log,
            subprocess.Popen(
                self.command(*arguments, subcommand=subcommand),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**self.environment(), **(env or {})},
            ) as process,
        ):
            try:
                with contextlib.suppress(BrokenPipeError), process.stdin:
                    process.stdin.write(script)
                for line in process.stdout:
                    on_line(line)
                    lines.append(line)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise self.failed(what, "".join(lines))
        return lines

    def failed(self, what, output):
        text = output + "\n" + postgres.last_lines(self.log_file, 25)
        if DISK_FULL.search(text):
            return disk_full(self.state.home)
        return Problem(f"{what} failed.\n{tail(text, 12)}", f"Read {self.log_file}.")

    def install(self, modules=(), update=(), languages=False, env=None):
        arguments = ["--stop-after-init", "--no-http"]
        if modules:
            arguments += ["-i", ",".join(modules)]
        if update:
            arguments += ["-u", ",".join(update)]
        if languages:
            arguments.append("--load-language=zh_CN")
        what = f"Installing {', '.join([*modules, *update])}"
        self.run(*arguments, what=what, env=env)

    def call(self, script, what="The script in Odoo's shell", on_progress=lambda text: None):
        """Run Python in Odoo's shell; its variable `result`, if it sets one, comes back.

        What it passes to `tell(text)` on the way goes to `on_progress` at once.
        """
        dump = "__import__('json').dumps(globals().get('result'), default=str)"
        ending = f"\nprint('{RESULT}' + {dump})\n"

        def on_line(line):
            if line.startswith(PROGRESS):
                on_progress(line.removeprefix(PROGRESS).strip())

        lines = self.run(
            "--no-http",
            "--log-level=warn",
            subcommand=["shell"],
            script=TELL + script + ending,
            what=what,
            on_line=on_line,
        )
        for line in lines:
            if line.startswith(RESULT):
                return json.loads(line.removeprefix(RESULT))
        raise self.failed(what, "".join(lines))


class Process:
    """A running Odoo server; it ends when this process ends, whatever ends it."""

    def __init__(self, odoo, port=None, interface="127.0.0.1", cron_threads=0):
        self.odoo = odoo
        self.port = port or postgres.free_port()
        self.interface = interface
        self.url = f"http://{'127.0.0.1' if interface == '0.0.0.0' else interface}:{self.port}"
        odoo.configure(self.port, interface, cron_threads)
        self.popen = None

    def start(self, timeout=120, arguments=()):
        with open(self.odoo.log_file, "ab") as log:
            self.popen = subprocess.Popen(
                self.odoo.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.odoo.environment(),
                # Ctrl-C reaches us alone, and we end the server in good order
                start_new_session=True,
                preexec_fn=functools.partial(end_with_parent, os.getpid()),
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise self.odoo.failed("Starting Odoo", "")
            if is_up(f"{self.url}/web/health"):
                return self
            time.sleep(0.1)
        self.stop()
        raise self.odoo.failed(f"Odoo did not answer within {timeout} s; starting it", "")

    def stop(self):
        if self.popen is None or self.popen.poll() is not None:
            return
        self.popen.terminate()
        try:
            self.popen.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """SIGKILL, for tests of what a crash leaves behind."""
        self.popen.kill()
        self.popen.wait()

    def wait(self):
        return self.popen.wait()


def end_with_parent(parent):
    """Ask the kernel for a SIGTERM when the parent dies, even by SIGKILL.

    It may have died already. That its number is 1 says nothing: in a container it may be ours.
    """
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def is_up(url):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
