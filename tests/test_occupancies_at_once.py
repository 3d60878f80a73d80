"""Two colleagues put somebody into one unit at the same moment, each in a transaction."""

import pytest

# Both read the unit before either writes, as two people with the same screen before them.
# `enter(env, partner)` is what each of them does.
SCRIPT = """
import threading, time
from odoo import api, SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

overlap = {overlap}
project = env['property.project'].create({{'name': 'Lakeside'}})
building = env['property.building'].create({{'project_id': project.id, 'name': 'Tower'}})
unit = env['property.unit'].create({{'building_id': building.id, 'name': '101'}})
first, second = env['res.partner'].create([{{'name': 'First'}}, {{'name': 'Second'}}])
env.cr.commit()
registry = Registry(env.cr.dbname)
result = {{'waited': False, 'refused': None}}
has_snapshot, may_write = threading.Event(), threading.Event()


def enter(env, partner):
    {enter}


def second_colleague():
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, SUPERUSER_ID, {{}})
            other['property.occupancy'].search([('unit_id', '=', unit.id)])
            result['pid'] = cr._cnx.info.backend_pid
            has_snapshot.set()
            may_write.wait(30)
            retrying(lambda: enter(other, second), other)
    except UserError as error:
        result['refused'] = str(error)


def is_waiting():
    with registry.cursor() as cr:
        cr.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [result['pid']])
        return cr.fetchone()[0] == 'Lock'


thread = threading.Thread(target=second_colleague)
thread.start()
has_snapshot.wait(30)
enter(env, first)
env.flush_all()
if overlap:
    may_write.set()
    for _attempt in range(100):
        result['waited'] = result['waited'] or is_waiting()
        if result['waited']:
            break
        time.sleep(0.1)
env.cr.commit()
may_write.set()
thread.join(60)
env.invalidate_all()
occupancies = env['property.occupancy'].search([('unit_id', '=', unit.id)])
result['names'] = occupancies.partner_id.mapped('name')
result['shares'] = occupancies.mapped('share')
result['handovers'] = env['property.handover'].search_count([('unit_id', '=', unit.id)])
"""

ADD_OWNER = """env['property.occupancy'].create({
        'unit_id': unit.id, 'partner_id': partner.id, 'share': 60, 'date_start': '2024-01-01'})"""

CHECK_IN = """env['property.check.in'].create({{
        'unit_id': unit.id, 'partner_id': partner.id, 'role': {role!r}, 'date': '2024-01-01',
    }}).action_confirm()"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_second_co_owner_does_not_pass_unseen(database, overlap):
    outcome = database.call(SCRIPT.format(overlap=overlap, enter=ADD_OWNER))
    assert outcome["waited"] is overlap
    assert "120" in outcome["refused"], "60 % and 60 % of one unit"
    assert outcome["shares"] == [60]


@pytest.mark.parametrize("role", ["owner", "tenant"])
def test_second_check_in_is_refused(database, role):
    """[A28] He waits for the first, then reads who is in the unit."""
    outcome = database.call(SCRIPT.format(overlap=True, enter=CHECK_IN.format(role=role)))
    assert outcome["waited"]
    assert "First" in outcome["refused"]
    assert outcome["names"] == ["First"]
    assert outcome["handovers"] == 1
