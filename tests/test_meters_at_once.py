"""Two colleagues enter what one meter shows at the same moment."""

import pytest
from at_once import do_at_once

PREPARE = """
from datetime import date
people = env.user, env.user
project = env['property.project'].create({'name': 'Lakeside'})
kind = env['property.meter.type'].create({'name': 'Meter at once', 'unit_name': 'm³'})
meter = env['property.meter'].create({
    'number': 'W-1', 'name': 'Garden', 'type_id': kind.id, 'project_id': project.id,
    'date_start': '2026-01-01'})
round = env['property.meter.round'].create({
    'project_id': project.id, 'type_id': kind.id,
    'date_start': '2026-02-01', 'date_end': '2026-02-28'})
def row(day, value, **more):
    return {'meter_id': meter.id, 'register': 'total', 'date': day, 'value': value, **more}
env['property.meter.reading']._enter([
    row(date(2026, 1, 31), '100', kind='first')])
"""

SAVE = """
outcome = env['property.meter.round'].browse(round.id).save_readings([
    row('2026-02-28', ['110', '112'][number])])
if 'errors' in outcome:
    raise UserError(outcome['errors'][0]['message'])
"""

EXCHANGE_AND_READ = """
if number == 0:
    env['property.meter'].browse(meter.id)._exchange(
        date(2026, 2, 10), {'total': '104'}, 'W-2', {'total': '0'}, 1, 5, 0, 'Broken')
else:
    env['property.meter.round'].browse(round.id).save_readings([row('2026-02-28', '7')])
"""

REPORT = """
readings = meter.reading_ids.sorted(lambda reading: (reading.date, reading.sequence))
result['values'] = [(r.value, r.quantity, r.state) for r in readings]
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_two_sheets_save_one_meter(database, overlap):
    """[B32] The second is told at the cell; one reading counts."""
    outcome = do_at_once(database, PREPARE, SAVE, REPORT, overlap)
    assert outcome["waited"] is overlap
    assert "W-1" in outcome["refused"]
    assert outcome["values"] == [[100, 0, "accepted"], [110, 10, "accepted"]]


def test_a_reading_of_the_new_meter_while_it_is_exchanged(database):
    """[B30] It waits for the exchange and follows on the new device: 4 + 7."""
    outcome = do_at_once(database, PREPARE, EXCHANGE_AND_READ, REPORT)
    assert outcome["waited"]
    assert outcome["refused"] is None
    assert [use for _value, use, _state in outcome["values"]] == [0, 4, 0, 7]
