"""Two approvers decide about one request at the same moment, each in a transaction."""

import pytest

# Both have the page before them when the first one submits his.
SCRIPT = """
import threading, time
from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying

role = env.ref('property_base.role_project_manager')
env['tier.definition'].create([{{
    'name': name, 'model_id': env['ir.model']._get_id('property.occupancy'),
    'review_type': 'group', 'reviewer_group_id': role.group_id.id, 'sequence': sequence,
    'approve_sequence': True, 'exclude_requester': True,
}} for name, sequence in (('First', 20), ('Second', 10))])
project = env['property.project'].create({{'name': 'Lakeside', 'approves_residents': True}})
building = env['property.building'].create({{'project_id': project.id, 'name': 'Tower'}})
unit = env['property.unit'].create({{'building_id': building.id, 'name': '101'}})
owner = env['res.partner'].create({{'name': 'Olga'}})
clerk, ann, ben, cleo = env['res.users'].with_context(no_reset_password=True).create([{{
    'name': name, 'login': name, 'property_project_ids': [Command.set(project.ids)],
    'role_line_ids': [Command.create({{'role_id': env.ref(
        'property_base.role_customer_service').id if name == 'clerk' else role.id}})],
}} for name in ('clerk', 'ann', 'ben', 'cleo')])
occupancy = env['property.occupancy'].with_user(clerk).create({{
    'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2024-01-01'}})


def open_page(env, decision):
    record = env['property.occupancy'].browse(occupancy.id)
    return env['comment.wizard'].with_context(**record.validate_tier()['context']).create(
        {{'comment': 'Seen', 'decision': decision}})


for user in {before}:
    open_page(env(user=user), 'approve').add_comment()
first = open_page(env(user=ann), 'approve')
second = open_page(env(user=ben), {decision!r})
env.cr.commit()
registry = Registry(env.cr.dbname)
result = {{'waited': False, 'refused': None}}
has_snapshot, may_write = threading.Event(), threading.Event()


def second_approver():
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, ben.id, {{}})
            page = other['comment.wizard'].browse(second.id)
            page.document
            result['pid'] = cr._cnx.info.backend_pid
            has_snapshot.set()
            may_write.wait(30)
            retrying(page.add_comment, other)
    except UserError as error:
        result['refused'] = str(error)


def is_waiting():
    with registry.cursor() as cr:
        cr.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [result['pid']])
        return cr.fetchone()[0] == 'Lock'


thread = threading.Thread(target=second_approver)
thread.start()
has_snapshot.wait(30)
first.add_comment()
env.flush_all()
may_write.set()
for _attempt in range(100):
    result['waited'] = result['waited'] or is_waiting()
    if result['waited']:
        break
    time.sleep(0.1)
env.cr.commit()
thread.join(60)
env.invalidate_all()
result['state'] = occupancy.state
result['levels'] = [
    [review.status, review.done_by.name or None] for review in occupancy.review_ids]
"""


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_second_approver_does_not_decide_the_next_level_unseen(database, decision):
    """[A69] He waits for the first, and is told that this level has been decided."""
    outcome = database.call(SCRIPT.format(before="[]", decision=decision))
    assert outcome["waited"]
    assert "decided meanwhile: Approved, ann" in outcome["refused"]
    assert outcome["state"] == "pending"
    assert outcome["levels"] == [["approved", "ann"], ["pending", None]]


def test_last_level_is_decided_once(database):
    """[A69] [A17] Approved and refused at once: the first one counts."""
    outcome = database.call(SCRIPT.format(before="[cleo]", decision="refuse"))
    assert outcome["waited"]
    assert "decided meanwhile: Approved, ann" in outcome["refused"]
    assert outcome["state"] == "approved"
    assert outcome["levels"] == [["approved", "cleo"], ["approved", "ann"]]
