"""`./property shell` and `psql`: prompts on a database that `up` made, also while it runs."""

import subprocess
from contextlib import contextmanager

from . import databases, odoo, postgres
from . import stack as stacks
from .errors import Problem
from .paths import state as prepare_state


@contextmanager
def opened(name):
    """The named database with PostgreSQL running."""
    state = prepare_state()
    stack = stacks.ensure(state)
    server = postgres.server(state, stack)
    try:
        server.start()
        if not databases.exists(server, name):
            raise Problem(
                f"There is no database {name}.", f"Make it: ./property up --database {name}"
            )
        instance = odoo.Odoo(state, stack, server, name)
        # a server that runs on this database keeps its own configuration file
        instance.conf = state.run / f"{name}.prompt.conf"
        instance.log_file = state.log / f"{name}.prompt.log"
        instance.configure()
        yield instance
    finally:
        server.stop()


def shell(options):
    with opened(options.database) as instance:
        command = instance.command("--no-http", "--log-level=warn", subcommand=["shell"])
        return subprocess.call(command, env=instance.environment())


def psql(options):
    with opened(options.database) as instance:
        command = [instance.server.tool("psql"), "-d", options.database, *options.arguments]
        return subprocess.call(command, env=instance.server.environment())
