"""One person sends the same kind of feedback twice at the same moment, e.g. by a double tap."""

from at_once import do_at_once

PREPARE = """
olga = env['res.users'].with_context(no_reset_password=True).create({
    'name': 'Olga', 'login': 'olga', 'tz': 'Asia/Shanghai',
    'group_ids': [Command.set(env.ref('base.group_portal').ids)],
})
people = olga, olga
"""

# The page shows only what is refused right here, before the request fails and Odoo answers it.
ACT = """
try:
    env['property.feedback']._submit('problem', f'Tap {number}')
except UserError as error:
    result['told'] = str(error)
    raise
"""

REPORT = """
result['stored'] = env['property.feedback'].search([('user_id', '=', olga.id)]).mapped(
    'description')
"""


def test_only_one_of_two_taps_is_stored(database):
    """[A60] The second is told that today's has been sent."""
    outcome = do_at_once(database, PREPARE, ACT, REPORT)
    assert outcome["waited"]
    assert "tomorrow" in outcome["told"]
    assert outcome["stored"] == ["Tap 0"]
