"""One person sends the same kind of feedback twice at the same moment, e.g. by a double tap."""

SCRIPT = """
import threading
from odoo import api
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

user = env['res.users'].with_context(no_reset_password=True).create({
    'name': 'Olga', 'login': 'olga', 'tz': 'Asia/Shanghai',
    'group_ids': [(6, 0, [env.ref('base.group_portal').id])],
})
env.cr.commit()
registry = Registry(env.cr.dbname)
both = threading.Barrier(2)
result = {'sent': 0, 'refused': []}


def send(text):
    with registry.cursor() as cr:
        own = api.Environment(cr, user.id, {})
        own['property.feedback'].search([])  # its snapshot shows nothing of the other
        both.wait(30)
        try:
            retrying(lambda: own['property.feedback']._submit('problem', text), own)
            result['sent'] += 1
        except ValidationError as error:
            result['refused'].append(str(error))


threads = [threading.Thread(target=send, args=(text,)) for text in ("First tap", "Second tap")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
env.invalidate_all()
result['stored'] = env['property.feedback'].search_count([('user_id', '=', user.id)])
"""


def test_only_one_of_two_taps_is_stored(database):
    """[A60] The second is told that today's has been sent."""
    outcome = database.call(SCRIPT)
    assert (outcome["sent"], outcome["stored"]) == (1, 1)
    assert ["tomorrow" in text for text in outcome["refused"]] == [True]
