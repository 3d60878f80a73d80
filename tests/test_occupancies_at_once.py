"""Two colleagues put somebody into one unit at the same moment."""

import pytest
from at_once import do_at_once

PREPARE = """
people = env.user, env.user
project = env['property.project'].create({'name': 'Lakeside'})
building = env['property.building'].create({'project_id': project.id, 'name': 'Tower'})
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
residents = env['res.partner'].create([{'name': 'First'}, {'name': 'Second'}]).ids
"""

ADD_OWNER = """
env['property.occupancy'].create({
    'unit_id': unit.id, 'partner_id': residents[number], 'share': 60, 'date_start': '2024-01-01'})
"""

CHECK_IN = """
env['property.check.in'].create({{
    'unit_id': unit.id, 'partner_id': residents[number], 'role': {role!r}, 'date': '2024-01-01',
}}).action_confirm()
"""

REPORT = """
occupancies = env['property.occupancy'].search([('unit_id', '=', unit.id)])
result['names'] = occupancies.partner_id.mapped('name')
result['shares'] = occupancies.mapped('share')
result['handovers'] = env['property.handover'].search_count([('unit_id', '=', unit.id)])
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_second_co_owner_does_not_pass_unseen(database, overlap):
    outcome = do_at_once(database, PREPARE, ADD_OWNER, REPORT, overlap)
    assert outcome["waited"] is overlap
    assert "120" in outcome["refused"], "60 % and 60 % of one unit"
    assert outcome["shares"] == [60]


@pytest.mark.parametrize("role", ["owner", "tenant"])
def test_second_check_in_is_refused(database, role):
    """[A28] He waits for the first, then reads who is in the unit."""
    outcome = do_at_once(database, PREPARE, CHECK_IN.format(role=role), REPORT)
    assert outcome["waited"]
    assert "First" in outcome["refused"]
    assert outcome["names"] == ["First"]
    assert outcome["handovers"] == 1
