"""Two approvers decide about one request at the same moment."""

import pytest
from at_once import do_at_once

# Both have the page before them when the first one submits his.
PREPARE = """
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
people = ann, ben
occupancy = env['property.occupancy'].with_user(clerk).create({{
    'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2024-01-01'}})


def open_page(env, decision):
    record = env['property.occupancy'].browse(occupancy.id)
    return env['comment.wizard'].with_context(**record.validate_tier()['context']).create(
        {{'comment': 'Seen', 'decision': decision}})


for user in {before}:
    open_page(env(user=user), 'approve').add_comment()
pages = open_page(env(user=ann), 'approve').id, open_page(env(user=ben), {decision!r}).id
"""

ACT = "env['comment.wizard'].browse(pages[number]).add_comment()"

REPORT = """
result['state'] = occupancy.state
result['levels'] = [
    [review.status, review.done_by.name or None] for review in occupancy.review_ids]
"""


def decide(database, decision, before="[]"):
    prepare = PREPARE.format(before=before, decision=decision)
    return do_at_once(database, prepare, ACT, REPORT)


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_second_approver_does_not_decide_the_next_level_unseen(database, decision):
    """[A69] He waits for the first, and is told that this level has been decided."""
    outcome = decide(database, decision)
    assert outcome["waited"]
    assert "decided meanwhile: Approved, ann" in outcome["refused"]
    assert outcome["state"] == "pending"
    assert outcome["levels"] == [["approved", "ann"], ["pending", None]]


def test_last_level_is_decided_once(database):
    """[A69] [A17] Approved and refused at once: the first one counts."""
    outcome = decide(database, "refuse", before="[cleo]")
    assert outcome["waited"]
    assert "decided meanwhile: Approved, ann" in outcome["refused"]
    assert outcome["state"] == "approved"
    assert outcome["levels"] == [["approved", "cleo"], ["approved", "ann"]]
