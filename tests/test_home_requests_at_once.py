"""Two colleagues answer one home request, or two people use one code, at the same moment."""

# Both have looked before either writes. `act(env, number)` is what each of them does.
SCRIPT = """
import threading
from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

project = env['property.project'].create({{'name': 'Lakeside'}})
building = env['property.building'].create({{'project_id': project.id, 'name': 'Tower'}})
unit = env['property.unit'].create({{'building_id': building.id, 'name': '101'}})
owner = env['res.partner'].create({{'name': 'Owner'}})
occupancy = env['property.occupancy'].create({{
    'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2024-01-01'}})
users = env['res.users'].with_context(no_reset_password=True).create([
    {{'name': f'{group}{{number}}', 'login': f'{group}{{number}}',
      'group_ids': [(6, 0, env.ref('{group}').ids)]}} for number in range(2)])
guest = env['res.users'].with_context(no_reset_password=True).create({{
    'name': 'Guest', 'login': 'guest', 'group_ids': [(6, 0, env.ref('base.group_portal').ids)]}})
Request = env['property.home.request']
{prepare}
env.cr.commit()
registry = Registry(env.cr.dbname)
barrier = threading.Barrier(2)
result = {{'done': 0, 'refused': []}}


def act(env):
    {act}


def run(user):
    try:
        with registry.cursor() as cr:
            other = api.Environment(cr, user.id, {{}})
            other['property.home.request'].sudo().search([])  # the transaction has begun
            barrier.wait(30)
            retrying(lambda: act(other), other)
        result['done'] += 1
    except UserError as error:
        result['refused'].append(str(error))


threads = [threading.Thread(target=run, args=[user]) for user in users]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
env.invalidate_all()
result['requests'] = Request.search([]).mapped('state')
result['residents'] = len(unit.occupancy_ids)
"""


def run(database, group, prepare, act):
    return database.call(SCRIPT.format(
        group=group, prepare=prepare, act=act.replace("\n", "\n    ")))


def test_two_colleagues_approve_one_request(database):
    """[A53] The second is told that it is answered; there is one new resident."""
    outcome = run(
        database,
        "property_base.group_property_manager",
        """asked = Request._ask(guest, {'way': 'proof', 'project_id': project.id,
        'unit_id': unit.id, 'role': 'tenant'})
asked_id = asked.id""",
        "env['property.home.request'].browse(asked_id).action_approve()",
    )
    assert outcome["done"] == 1, outcome
    assert "answered meanwhile" in outcome["refused"][0]
    assert (outcome["requests"], outcome["residents"]) == (["approved"], 2)


def test_two_people_use_one_printed_code(database):
    """[A53] A code that serves once serves one of them."""
    outcome = run(
        database,
        "base.group_portal",
        "code = env['property.invitation']._issue_printed(unit).code",
        """found = env['property.invitation'].sudo()._find_open(code)
if not found:
    raise UserError('used up')
env['property.home.request'].sudo()._ask_by_invitation(env.user, found)""",
    )
    assert outcome["done"] == 1, outcome
    assert outcome["refused"] == ["used up"]
    assert outcome["requests"] == ["pending"]
