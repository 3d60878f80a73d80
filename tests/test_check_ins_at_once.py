"""Two colleagues check a customer in to one unit at the same moment, each in a transaction."""

import pytest

SCRIPT = """
import threading, time
from odoo import api, SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

role = %r
project = env['property.project'].create({'name': 'Lakeside'})
building = env['property.building'].create({'project_id': project.id, 'name': 'Tower'})
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
first, second = env['res.partner'].create([{'name': 'First'}, {'name': 'Second'}])
env.cr.commit()
registry = Registry(env.cr.dbname)
outcome = {'waited': False, 'refused': None}
has_snapshot, may_write = threading.Event(), threading.Event()


def check_in(env, partner):
    wizard = env['property.check.in'].create({
        'unit_id': unit.id, 'partner_id': partner.id, 'role': role, 'date': '2024-01-01'})
    wizard.action_confirm()


def second_colleague():
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, SUPERUSER_ID, {})
            other['property.occupancy'].search([('unit_id', '=', unit.id)])
            outcome['pid'] = cr._cnx.info.backend_pid
            has_snapshot.set()
            may_write.wait(30)
            retrying(lambda: check_in(other, second), other)
    except UserError as error:
        outcome['refused'] = str(error)


def is_waiting():
    with registry.cursor() as cr:
        cr.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %%s",
                   [outcome['pid']])
        return cr.fetchone()[0] == 'Lock'


thread = threading.Thread(target=second_colleague)
thread.start()
has_snapshot.wait(30)
check_in(env, first)
env.flush_all()
may_write.set()
for _attempt in range(100):
    outcome['waited'] = outcome['waited'] or is_waiting()
    if outcome['waited']:
        break
    time.sleep(0.1)
env.cr.commit()
thread.join(60)
env.invalidate_all()
outcome['names'] = env['property.occupancy'].search([('unit_id', '=', unit.id)]).partner_id.mapped(
    'name')
outcome['handovers'] = env['property.handover'].search_count([('unit_id', '=', unit.id)])
result = outcome
"""


@pytest.mark.parametrize("role", ["owner", "tenant"])
def test_second_check_in_is_refused(database, role):
    """[A28] He waits for the first, then reads who is in the unit."""
    outcome = database.call(SCRIPT % role)
    assert outcome["waited"]
    assert "First" in outcome["refused"]
    assert outcome["names"] == ["First"]
    assert outcome["handovers"] == 1
