"""`./property bench NAME`: runs tests/bench/NAME.py on a clone of the full template."""

import os
import subprocess

from . import databases, odoo, postgres
from . import stack as stacks
from .errors import Problem
from .paths import ROOT
from .paths import state as prepare_state

FOLDER = ROOT / "tests/bench"


def run(options):
    script = FOLDER / f"{options.name}.py"
    if not script.is_file() or options.name == "common":
        known = sorted(path.stem for path in FOLDER.glob("[a-z]*.py") if path.stem != "common")
        raise Problem(f"There is no bench {options.name}.", f"Known: {', '.join(known) or 'none'}.")
    state = prepare_state()
    stack = stacks.ensure(state, tests=True)
    server = postgres.server(state, stack, tests=True)
    name = f"bench_{os.getpid()}"
    try:
        server.start()
        template = databases.Templates(state, stack, server).get()
        databases.clone(state, server, template, name)
        instance = odoo.Odoo(state, stack, server, name)
        instance.configure()
        arguments = ["-n", str(options.n)] if options.n else []
        environ = {
            **instance.environment(),
            "PROPERTY_CONF": str(instance.conf),
            "PROPERTY_DATABASE": name,
            "PROPERTY_TEMPLATE": template,
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.call([str(stack.python), str(script), *arguments], env=environ)
    finally:
        if server.port:
            databases.drop(state, server, name)
        server.stop()
