"""The command line of ./property."""

import argparse
import os
import sys

from . import errors, progress

UP = """\
Set everything up and start the product in the foreground, until Ctrl-C.

The first run fetches Odoo 19 (Debian's signed package, or the checkout that ODOO_SRC names), pinned
Python packages and PostgreSQL, installs all add-ons and makes a demo company. Later runs start in
seconds and update the add-ons that changed. Everything lives under PROPERTY_HOME (default
~/.local/share/property, as root /var/lib/property); delete that folder to start from nothing.
PGHOST or DATABASE_URL name another PostgreSQL server than the built-in one."""

TEST = """\
Set everything up and run the tests: pure ones, those of the add-ons in a fresh database, those that
cross add-ons, with a real browser. Choose by path, by add-on, by feature row (B13: tests whose
docstring names [B13]) or by any other word (pytest -k)."""


def parser():
    main_parser = argparse.ArgumentParser(
        prog="property", description="Property management on Odoo 19: set up, run, test."
    )
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, summary, description=None):
        sub = commands.add_parser(
            name,
            help=summary,
            description=description or summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        return sub

    def database(sub):
        sub.add_argument(
            "--database", default="property", metavar="NAME", help="(default property)"
        )

    sub = command("up", "set up and start the product", UP)
    sub.add_argument("--port", type=port_number, default=8069, metavar="N", help="(default 8069)")
    sub.add_argument(
        "--interface",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default 127.0.0.1: this machine only)",
    )
    database(sub)
    sub.add_argument(
        "--no-demo", dest="demo", action="store_false", help="without the demo company"
    )
    sub.add_argument(
        "--units",
        type=unit_number,
        metavar="N",
        help="size of the demo company, 40 to 100000 units (default 400)",
    )
    sub.add_argument(
        "--check",
        action="store_true",
        help="start on a free port, open login page, back end, portal and one printed bill, stop",
    )

    sub = command("test", "set up and run the tests", TEST)
    sub.add_argument("what", nargs="*", metavar="PATH or TAG", help="(default: everything)")
    sub.add_argument("--quick", action="store_true", help="without browser and benches")

    command("lint", "check style, XML, manifests and translations")

    sub = command("bench", "run a benchmark", "Run tests/bench/NAME.py on a fresh database.")
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("-n", type=int, metavar="N", help="size (default: the bench's own)")

    sub = command("doctor", "check the books of a database: both sides and the difference")
    database(sub)

    command("coverage", "feature rows and the tests that name them")

    sub = command("shell", "Odoo's Python shell")
    database(sub)
    sub = command("psql", "SQL prompt; what follows -- goes to psql")
    database(sub)
    sub.add_argument("arguments", nargs="*", metavar="ARGUMENT")
    return main_parser


def port_number(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def unit_number(text):
    number = int(text)
    if not 40 <= number <= 100_000:  # as property_demo says after minutes
        raise argparse.ArgumentTypeError("the demo company has 40 to 100,000 units")
    return number


def main(arguments):
    options = parser().parse_args(arguments)
    try:
        if options.command != "coverage":
            enter_environment(arguments, tests=options.command in ("test", "lint", "bench"))
        return dispatch(options)
    except errors.Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the next run goes on from here.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if not errors.is_disk_full(error):
            raise
        print(f"\n{errors.disk_full(error.filename or 'state folder')}", file=sys.stderr)
        return 1


def enter_environment(arguments, tests):
    """Make the stack, then go on inside its virtual environment, which has psycopg2."""
    from . import paths, stack

    made = stack.ensure(paths.state(), tests)
    if os.path.realpath(sys.prefix) != os.path.realpath(made.venv):
        environ = {**os.environ, "PROPERTY_STARTED": str(progress.STARTED)}
        environ.pop("PYTHONPATH", None)
        script = str(paths.ROOT / "property")
        os.execve(made.python, [str(made.python), script, *arguments], environ)


def dispatch(options):
    from . import bench, coverage, doctor, lint, prompt, testing, up

    return {
        "up": up.run,
        "test": testing.run,
        "lint": lint.run,
        "bench": bench.run,
        "doctor": doctor.run,
        "coverage": coverage.run,
        "shell": prompt.shell,
        "psql": prompt.psql,
    }[options.command](options)
