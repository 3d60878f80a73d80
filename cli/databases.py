"""Databases: create by clone, drop, and the two templates that test databases are cloned from."""

import json
import os
import re
import shutil
import time
from pathlib import Path

from . import addons, locks, odoo
from .errors import Problem
from .progress import say
from .stack import digest

KEPT_TEMPLATES = 6
KEPT_SECONDS = 24 * 3600
PREPARE_COMPANY = """
company = env.ref('base.main_company')
company.country_id = env.ref('base.cn')
company.partner_id.tz = 'Asia/Shanghai'
env['account.chart.template'].try_loading('cn', company, install_demo=False)
env['res.users'].browse([1, 2]).tz = 'Asia/Shanghai'
env.cr.commit()
"""
COMPILE_ASSETS = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
STAMPS = "property.cli.stamps"
# What tests make and clear away: templates, and the databases of a run by its process number.
TEMPLATE = re.compile(r"(template|ground)_[0-9a-f]{10}(_web)?")
OF_RUN = re.compile(r"(?:test|cross|bench|empty)_(\d+)")


def is_of_tests(name):
    """Whether tests would take a database of this name for one of theirs."""
    return bool(TEMPLATE.fullmatch(name) or OF_RUN.match(name))


def unfinished(name):
    """What a database is called until it is finished; no database that people name has a dot."""
    return f"{name}.new"


def exists(server, name):
    return bool(server.query("SELECT 1 FROM pg_database WHERE datname = %s", name))


def drop(state, server, name):
    server.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(state.filestore / name, ignore_errors=True)
    (state.run / f"{name}.conf").unlink(missing_ok=True)


def rename(state, server, old, new):
    server.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if (state.filestore / old).exists():
        shutil.rmtree(state.filestore / new, ignore_errors=True)
        (state.filestore / old).rename(state.filestore / new)


def clone(state, server, template, name):
    """A copy in about half a second; its files are hard links, which Odoo never writes into."""
    drop(state, server, name)
    for attempt in range(20):
        try:
            server.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            break
        except Exception as error:
            # another clone of the same template is being made at this moment
            if "being accessed by other users" not in str(error) or attempt == 19:
                raise
            time.sleep(0.5)
    if (state.filestore / template).exists():
        shutil.copytree(state.filestore / template, state.filestore / name, copy_function=os.link)
    # two databases with one identity would share sessions and jobs
    server.query(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
        "WHERE key = 'database.uuid'",
        database=name,
    )
    return name


def read_stamps(server, name):
    """What the database was made of, or None when it is not a finished database of ours."""
    found = server.query(
        "SELECT 1 FROM information_schema.tables WHERE table_name = 'ir_config_parameter'",
        database=name,
    )
    found = found and server.query(
        "SELECT value FROM ir_config_parameter WHERE key = %s", STAMPS, database=name
    )
    return json.loads(found[0][0]) if found else None


def write_stamps(server, name, stamps):
    server.query(
        "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s) "
        "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
        STAMPS,
        json.dumps(stamps),
        database=name,
    )


def install_ground(instance):
    """Odoo's part: what our add-ons depend on, Chinese, and the company with its chart.

    The chart comes before the add-ons, because some of them look for journals as they install.
    """
    wanted = sorted({*addons.external_depends(), "account", "l10n_cn"})
    instance.install(["base", *wanted], languages=True)
    missing = [name for name in wanted if not installed(instance, name)]
    if missing:
        raise Problem(
            f"Odoo has no module {', '.join(missing)}, which our add-ons depend on.",
            "For an OCA add-on, pin odoo-addon-<name> in config/requirements.txt.",
        )
    instance.call(PREPARE_COMPANY, "Loading the Chinese chart of accounts")


def installed(instance, name):
    return bool(
        instance.server.query(
            "SELECT 1 FROM ir_module_module WHERE name = %s AND state = 'installed'",
            name,
            database=instance.database,
        )
    )


class Templates:
    """Test databases' templates: the ground (Odoo, chart), and on it a set of our add-ons.

    Each is named by the hash of what it is made of, so that a change makes a new one, and runs of
    several checkouts do not disturb each other.
    """

    def __init__(self, state, stack, server):
        self.state = state
        self.stack = stack
        self.server = server

    def get(self, chosen=None, with_assets=False):
        """The name of a template with the chosen add-ons (all by default) installed."""
        chosen = addons.closure(addons.names() if chosen is None else chosen)
        ground = self.ground_name()
        name = f"template_{digest(ground, *sorted(addons.digests(chosen).items()))}"
        with locks.held(self.state.run / "template.lock", "making a test database"):
            if not exists(self.server, name):
                self.make_ground(ground)
                self.make(name, ground, chosen)
                self.forget_old()
            if with_assets:
                name = self.make_assets(name)
        self.log_file(name).touch()
        return name

    def make_assets(self, template):
        """A further template with the scripts and styles of all pages compiled."""
        name = f"{template}_web"
        if not exists(self.server, name):
            say("test databases: compiling scripts and styles …")
            self.build(name, lambda instance: instance.call(COMPILE_ASSETS), template)
        return name

    def install_log(self, name):
        """What Odoo said while it installed our add-ons into the template."""
        return self.log_file(name.removesuffix("_web"))

    def ground_name(self):
        depends = addons.external_depends()
        return f"ground_{digest(self.stack.version(), PREPARE_COMPANY, *depends)}"

    def make_ground(self, name):
        if exists(self.server, name):
            self.log_file(name).touch()
            return
        say("test databases: installing Odoo's modules and the Chinese chart …")
        self.build(name, install_ground)

    def make(self, name, ground, chosen):
        say(f"test databases: installing {', '.join(chosen) or 'no add-on'} …")

        def install(instance):
            if chosen:
                instance.install(chosen, env={"PYTHONWARNINGS": "default"})

        self.build(name, install, ground)
        say("test databases: ready")

    def build(self, name, fill, ground=None):
        """Under another name until it is finished, so that an interrupted one is never used."""
        temporary = unfinished(name)
        drop(self.state, self.server, temporary)
        if ground:
            clone(self.state, self.server, ground, temporary)
        instance = odoo.Odoo(self.state, self.stack, self.server, temporary)
        instance.log_file = self.log_file(name)
        instance.log_file.unlink(missing_ok=True)
        instance.configure()
        fill(instance)
        self.server.query("ANALYZE", database=temporary)
        rename(self.state, self.server, temporary, name)
        instance.conf.unlink(missing_ok=True)

    def log_file(self, name):
        return self.state.log / f"{name}.log"

    def forget_old(self):
        """Keep the templates that were used last, each about 60 MB; clear up after killed runs."""
        found = [name for (name,) in self.server.query("SELECT datname FROM pg_database")]
        for kind in ("template", "ground"):
            names = [
                name for name in found if (match := TEMPLATE.fullmatch(name)) and match[1] == kind
            ]
            names.sort(key=self.last_use, reverse=True)
            for name in names[KEPT_TEMPLATES:]:
                drop(self.state, self.server, name)
                self.log_file(name).unlink(missing_ok=True)
        for name in found:
            run = OF_RUN.match(name)
            if run and not Path(f"/proc/{run[1]}").exists():
                drop(self.state, self.server, name)
        for log in self.state.log.glob("*_*.log"):
            if OF_RUN.match(log.name) and age(log) > KEPT_SECONDS:
                log.unlink(missing_ok=True)

    def last_use(self, name):
        log = self.log_file(name)
        return log.stat().st_mtime if log.exists() else 0


def age(path):
    return time.time() - path.stat().st_mtime
