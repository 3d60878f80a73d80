"""What every bench needs: an Odoo environment on a fresh database, a stopwatch, the machine.

`./property bench NAME` makes the database and runs tests/bench/NAME.py with its name in the
environment; `another_database` makes further ones, for ways that must not see each other's rows.
"""

import json
import os
import platform
import resource
import statistics
import time
from contextlib import contextmanager

from cli import databases, odoo, postgres
from cli import stack as stacks
from cli.paths import state as prepare_state

MAIN = "PROPERTY_DATABASE"


@contextmanager
def environment(database=None, log_level="error"):
    """A superuser's env on the database; what the bench does is not committed unless it commits."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    name = database or os.environ[MAIN]
    if config["db_name"] != [name]:
        arguments = ["-c", os.environ["PROPERTY_CONF"], "-d", name, f"--log-level={log_level}"]
        config.parse_config(arguments, setup_logging=True)
    with Registry(name).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


def install(*modules, database=None):
    """Install more modules (OCA's contract) before the environment is opened."""
    instance(database or os.environ[MAIN]).install(modules)


def instance(database):
    """The database as a cli.odoo.Odoo. PostgreSQL is running: ./property bench holds it."""
    state = prepare_state()
    stack = stacks.ensure(state, tests=True)
    server = postgres.Server(
        os.environ["PGHOST"],
        os.environ["PGPORT"],
        os.environ["PGUSER"],
        os.environ.get("PGPASSWORD", ""),
        stack.postgres_bin,
    )
    return odoo.Odoo(state, stack, server, database)


@contextmanager
def another_database(suffix, template=None):
    """The name of one more clone, of the full template or of a database nobody is connected to."""
    made = instance(f"{os.environ[MAIN]}_{suffix}")
    try:
        source = template or os.environ["PROPERTY_TEMPLATE"]
        databases.clone(made.state, made.server, source, made.database)
        made.configure()
        yield made.database
    finally:
        databases.drop(made.state, made.server, made.database)


@contextmanager
def measured():
    """Fills a dict with wall and CPU seconds of this process and its peak memory in MiB."""
    figures = {}
    wall, cpu = time.perf_counter(), time.process_time()
    yield figures
    figures["wall_s"] = time.perf_counter() - wall
    figures["cpu_s"] = time.process_time() - cpu
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def medians(samples):
    """The median of each figure over several dicts."""
    keys = samples[0]
    return {key: statistics.median(sample[key] for sample in samples) for key in keys}


def machine(env=None):
    """What a reader must know to compare: load, processors, versions."""
    facts = {
        "load": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
    if env is not None:
        from odoo import release

        env.cr.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        facts["postgresql"], facts["fsync"] = env.cr.fetchone()
        facts["odoo"] = release.version
    return facts


def report(bench, n, results, ratios, facts):
    """The table, then the machine, then one JSON object as the last line."""
    figures = list(dict.fromkeys(key for result in results.values() for key in result))
    rows = [["", *figures]]
    for way, result in results.items():
        rows.append([way, *(f"{result[key]:,.4g}" if key in result else "–" for key in figures)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))
    print(f"N = {n}, " + ", ".join(f"{key} {value}" for key, value in facts.items()))
    print(json.dumps({"bench": bench, "n": n, "results": results, "ratios": ratios}))
