"""Two people do the same at one moment, each in a transaction of his own."""

from textwrap import indent

BEGIN = """
import threading, time
from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
"""

# A company with books, a project of it and a building there.
BOOKS = """
from datetime import date
company = env['res.company'].create({'name': 'Lakeside', 'country_id': env.ref('base.cn').id})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env = env(context={'allowed_company_ids': company.ids})
project = env['property.project'].create({'name': 'Lakeside', 'company_id': company.id})
building = env['property.building'].create({'project_id': project.id, 'name': 'Tower'})
"""

# Two of its staff, in the groups of the list `group_names`.
STAFF = """
groups = [env.ref(name).id for name in group_names]
people = env['res.users'].with_context(no_reset_password=True).create([{
    'name': name, 'login': name, 'group_ids': [Command.set(groups)],
    'company_id': company.id, 'company_ids': [Command.set(company.ids)],
} for name in ('ann', 'ben')])
"""

# Both have looked before either writes, as with the same screen before them. The second meets what
# the first has locked, waits, and is repeated as Odoo repeats a request.
ACT = """
env.cr.commit()
registry = Registry(env.cr.dbname)
result = {'waited': False, 'refused': None}
has_looked, may_act = threading.Event(), threading.Event()


def act_second():
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, people[1].id, {})
            cr.execute("SELECT 1")  # from here on it sees nothing of what the first does
            result['pid'] = cr._cnx.info.backend_pid
            has_looked.set()
            may_act.wait(30)
            retrying(lambda: act(other, 1), other)
    except UserError as error:
        result['refused'] = str(error)


def is_waiting():
    with registry.cursor() as cr:
        cr.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [result['pid']])
        return cr.fetchone()[0] == 'Lock'


thread = threading.Thread(target=act_second)
thread.start()
has_looked.wait(30)
act(env(user=people[0]), 0)
env.flush_all()
if overlap:
    may_act.set()
    for _attempt in range(100):
        result['waited'] = result['waited'] or is_waiting()
        if result['waited']:
            break
        time.sleep(0.1)
env.cr.commit()
may_act.set()
thread.join(60)
env.invalidate_all()
"""


def do_at_once(database, prepare, act, report, overlap=True):
    """What comes of it, when the first has committed and the second has had his answer.

    :param prepare: code before; it sets `people`, the two users, perhaps one and the same
    :param act: the body of `act(env, number)`, in the rights of the person with that number, 0 or 1
    :param report: code after, which puts what is to be looked at into `result`
    :param overlap: the second acts while the first has not committed, else just after it
    :return: also whether the second `waited`, and why he was `refused`
    """
    return database.call("\n".join([
        BEGIN, prepare, "def act(env, number):", indent(act.strip(), "    "),
        f"overlap = {overlap}", ACT, report,
    ]))
