"""Two colleagues answer one home request, or two people use one code, at the same moment."""

from at_once import do_at_once

PREPARE = """
project = env['property.project'].create({{'name': 'Lakeside'}})
building = env['property.building'].create({{'project_id': project.id, 'name': 'Tower'}})
unit = env['property.unit'].create({{'building_id': building.id, 'name': '101'}})
owner = env['res.partner'].create({{'name': 'Owner'}})
env['property.occupancy'].create({{
    'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2024-01-01'}})
Users = env['res.users'].with_context(no_reset_password=True)
people = Users.create([{{
    'name': name, 'login': name, 'group_ids': [Command.set(env.ref('{group}').ids)],
}} for name in ('ann', 'ben')])
Request = env['property.home.request']
"""

REPORT = """
result['requests'] = Request.search([]).mapped('state')
result['residents'] = len(unit.occupancy_ids)
"""

ASK = """
guest = Users.create({
    'name': 'Guest', 'login': 'guest',
    'group_ids': [Command.set(env.ref('base.group_portal').ids)],
})
asked = Request._ask(guest, {
    'way': 'proof', 'project_id': project.id, 'unit_id': unit.id, 'role': 'tenant'}).id
"""

APPROVE = "env['property.home.request'].browse(asked).action_approve()"

ASK_TWICE = """
guests = Users.create([{
    'name': name, 'login': name, 'group_ids': [Command.set(env.ref('base.group_portal').ids)],
} for name in ('Guest', 'Thief')])
asked = [Request._ask(guest, {
    'way': 'proof', 'project_id': project.id, 'unit_id': unit.id, 'role': 'owner',
    'match_id': owner.id}).id for guest in guests]
"""

APPROVE_OWN = "env['property.home.request'].browse(asked[number]).action_approve()"

PRINT = "code = env['property.invitation']._issue_printed(unit).code"

USE = """
found = env['property.invitation'].sudo()._find_open(code)
if not found:
    raise UserError('used up')
env['property.home.request'].sudo()._ask_by_invitation(env.user, found)
"""


def test_two_colleagues_approve_one_request(database):
    """[A53] The second is told that it is answered; there is one new resident."""
    prepare = PREPARE.format(group="property_base.group_property_manager") + ASK
    outcome = do_at_once(database, prepare, APPROVE, REPORT)
    assert outcome["waited"]
    assert "answered meanwhile" in outcome["refused"]
    assert (outcome["requests"], outcome["residents"]) == (["approved"], 2)


def test_two_logins_for_one_person(database):
    """[A53] One person, one login: the second colleague is told which he has."""
    prepare = PREPARE.format(group="property_base.group_property_manager") + ASK_TWICE
    report = REPORT + "result['logins'] = owner.user_ids.mapped('login')"
    outcome = do_at_once(database, prepare, APPROVE_OWN, report)
    assert "has the login Guest already" in outcome["refused"]
    assert outcome["logins"] == ["Guest"]
    assert sorted(outcome["requests"]) == ["approved", "pending"]


def test_two_people_use_one_printed_code(database):
    """[A53] A code that serves once serves one of them."""
    prepare = PREPARE.format(group="base.group_portal") + PRINT
    outcome = do_at_once(database, prepare, USE, REPORT)
    assert outcome["waited"]
    assert outcome["refused"] == "used up"
    assert outcome["requests"] == ["pending"]
