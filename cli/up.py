"""`./property up`: from a bare machine to the running product."""

import os
import re
import signal
import socket
from contextlib import contextmanager

from . import addons, check, databases, locks, odoo, postgres
from . import stack as stacks
from .browsers import find_browser
from .errors import Problem
from .paths import ADDONS
from .paths import state as prepare_state
from .progress import say, warn

UNITS = 400

# Each user chooses between the two; who chose none, and the sign-in page, have Chinese.
LANGUAGES = """
env['res.lang']._activate_lang('en_US')
env['ir.default'].set('res.partner', 'lang', 'zh_CN')
env.cr.commit()
"""
# Odoo keeps the texts that a database has. Those of our add-ons follow the add-on; what an office
# writes itself, such as message templates and dictionaries, is marked as its own and stays.
TEXTS = """
ours = env['ir.module.module'].search([('name', 'in', %r)])
ours._update_translations(overwrite=True)
env.cr.commit()
"""
# Everybody knows it; a password without a date has to be changed at the first sign-in.
FIRST_PASSWORD = "env.ref('base.user_admin').password_write_date = False\nenv.cr.commit()\n"


def run(options):
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", options.database):
        raise Problem(
            f"{options.database!r} cannot be the name of a database.",
            "Use small letters, digits, - and _, beginning with a letter.",
        )
    if databases.is_of_tests(options.database):
        raise Problem(
            f"Databases called like {options.database} are cleared away by ./property test.",
            "Choose another name.",
        )
    if not options.check:
        require_free_port(options.interface, options.port)
    with product(options) as (instance, logins):
        if options.check:
            return check.run(instance, logins)
        return serve(instance, logins, options)


@contextmanager
def product(options):
    """The database, made or brought up to date, on a running PostgreSQL."""
    state = prepare_state()
    stack = stacks.ensure(state)
    lock_file = state.run / f"{options.database}.up"
    lock = locks.try_exclusive(lock_file, f"process {os.getpid()}")
    if lock is None:
        raise Problem(
            f"The database {options.database} is already in use by {locks.holder(lock_file)}.",
            "Stop that one with Ctrl-C, or name another with --database.",
        )
    server = postgres.server(state, stack)
    try:
        server.start()
        instance = odoo.Odoo(state, stack, server, options.database)
        ensure_database(instance, options)
        yield instance, read_logins(instance)
    finally:
        server.stop()
        lock.close()


def ensure_database(instance, options):
    server, name = instance.server, instance.database
    if not databases.exists(server, name):
        create(instance, options)
        return
    stamps = databases.read_stamps(server, name)
    if stamps is None:
        raise Problem(
            f"There is a database {name} that ./property did not make.",
            "Name another with --database.",
        )
    update(instance, stamps, options)


def create(instance, options):
    """Under another name until it is finished; an interrupted one is begun again."""
    state, server, name = instance.state, instance.server, instance.database
    temporary = odoo.Odoo(state, instance.stack, server, databases.unfinished(name))
    temporary.log_file = instance.log_file
    databases.drop(state, server, temporary.database)
    temporary.configure()
    say("database: installing Odoo's modules, Chinese and the chart of accounts …")
    databases.install_ground(temporary)
    if addons.names():
        say(f"database: installing {', '.join(addons.names())} …")
        temporary.install(addons.names())
    temporary.call(LANGUAGES, "Switching on English beside Chinese")
    stamps = {"addons": addons.digests(), "stack": instance.stack.version(), "demo": None}
    if options.demo:
        stamps["demo"] = generate(temporary, options.units)
    else:
        temporary.call(FIRST_PASSWORD, "Marking the administrator's password as a first one")
    databases.write_stamps(server, temporary.database, stamps)
    databases.rename(state, server, temporary.database, name)
    temporary.conf.unlink()


def update(instance, stamps, options):
    """Install what is new and update what changed since the database was made."""
    current = addons.digests()
    old = stamps["addons"]
    new = [name for name in current if name not in old]
    changed = [name for name in current if old.get(name, current[name]) != current[name]]
    if stamps["stack"] != instance.stack.version():
        changed = ["base"]
    instance.configure()
    if new or changed:
        say(f"database: updating {', '.join([*new, *changed])} …")
        instance.install(new, changed)
        instance.call(LANGUAGES, "Switching on English beside Chinese")
        ours = [name for name in [*new, *changed] if name in current]
        instance.call(TEXTS % ours, "Bringing the texts up to date")
        stamps.update(addons=current, stack=instance.stack.version())
        databases.write_stamps(instance.server, instance.database, stamps)
    if options.demo and not stamps["demo"]:
        stamps["demo"] = generate(instance, options.units)
        databases.write_stamps(instance.server, instance.database, stamps)
    elif options.demo and options.units and options.units != stamps["demo"]["units"]:
        warn(
            f"{instance.database} has a demo company of {stamps['demo']['units']} units already; "
            "name another database to make one of another size."
        )


def generate(instance, units):
    """Fill in the demo company; returns what describes it, or None without that add-on."""
    if not (ADDONS / "property_demo/__manifest__.py").exists():
        return None
    units = units or UNITS
    say(f"demo company: {units} units and a year of bills …")
    logins = instance.call(
        f"env['property.demo'].generate(units={units}, seed=1, commit=True, tell=tell)\n"
        "env.cr.commit()\n"
        "result = env['property.demo'].get_logins()\n",
        "Generating the demo company",
        on_progress=lambda text: say(f"demo company: {text} …"),
    )
    instance.server.query("ANALYZE", database=instance.database)
    return {"units": units, "logins": logins}


def read_logins(instance):
    demo = databases.read_stamps(instance.server, instance.database)["demo"]
    return demo["logins"] if demo else [
        ["administrator, who has to choose a password first", "admin", "admin"]]


def serve(instance, logins, options):
    process = odoo.Process(instance, options.port, options.interface, cron_threads=2)
    # a closed terminal or `kill` ends the server as Ctrl-C does
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        say("Odoo: starting …")
        process.start()
        announce(instance, process, logins)
        code = process.wait()
        raise instance.failed(f"Odoo ended by itself (code {code}); running it", "")
    except KeyboardInterrupt:
        print(flush=True)
        say("stopping …")
        return 0
    finally:
        process.stop()


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def announce(instance, process, logins):
    if not find_browser():
        warn("no Chromium here, so bills cannot be printed (Debian: apt-get install chromium).")
    say(f"Odoo's log: {instance.log_file}")
    say(f"ready: {process.url}")
    width = max(len(str(role)) for role, _login, _password in logins)
    for role, login, password in logins:
        print(f"    {role:<{width}}  login {login}  password {password}")
    print("Ctrl-C stops it.", flush=True)


def require_free_port(interface, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface, port))
        except PermissionError as error:
            raise Problem(
                f"Port {port} is open to root only.", "Use --port with a number above 1023."
            ) from error
        except OSError as error:
            raise Problem(
                f"Port {port} on {interface} cannot be used ({error.strerror}).",
                f"Stop what uses it, or choose another with --port {port + 1}.",
            ) from error
