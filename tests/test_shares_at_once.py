"""Two colleagues enter a co-owner of the same unit at the same moment, each in a transaction."""

import pytest

SCRIPT = """
import threading, time
from odoo import api, SUPERUSER_ID
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

overlap = %r
project = env['property.project'].create({'name': 'Lakeside'})
building = env['property.building'].create({'project_id': project.id, 'name': 'Tower'})
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
first, second = env['res.partner'].create([{'name': 'First'}, {'name': 'Second'}])
env.cr.commit()
registry = Registry(env.cr.dbname)
outcome = {'waited': False, 'refused': None}
has_snapshot, may_write = threading.Event(), threading.Event()


def add_owner(env, partner):
    env['property.occupancy'].create(
        {'unit_id': unit.id, 'partner_id': partner.id, 'share': 60, 'date_start': '2024-01-01'})


def second_colleague():
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, SUPERUSER_ID, {})
            other['property.occupancy'].search([('unit_id', '=', unit.id)])
            outcome['pid'] = cr._cnx.info.backend_pid
            has_snapshot.set()
            may_write.wait(30)
            retrying(lambda: add_owner(other, second), other)
    except ValidationError as error:
        outcome['refused'] = str(error)


def is_waiting():
    with registry.cursor() as cr:
        cr.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %%s",
                   [outcome['pid']])
        return cr.fetchone()[0] == 'Lock'


thread = threading.Thread(target=second_colleague)
thread.start()
has_snapshot.wait(30)
add_owner(env, first)
env.flush_all()
if overlap:
    may_write.set()
    for _attempt in range(100):
        outcome['waited'] = outcome['waited'] or is_waiting()
        if outcome['waited']:
            break
        time.sleep(0.1)
env.cr.commit()
may_write.set()
thread.join(60)
env.invalidate_all()
outcome['shares'] = env['property.occupancy'].search([('unit_id', '=', unit.id)]).mapped('share')
result = outcome
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_second_co_owner_does_not_pass_unseen(database, overlap):
    outcome = database.call(SCRIPT % overlap)
    assert outcome["waited"] is overlap
    assert "120" in outcome["refused"], "60 % and 60 % of one unit"
    assert outcome["shares"] == [60]
