"""Two colleagues enter what one meter shows at the same moment."""

from textwrap import indent

import pytest
from at_once import BOOKS, STAFF, do_at_once

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


# === WHILE A RUN POSTS === #

# A room with its meter: 90 m³ from the new year to 31 March at 5.00, previewed by a run.
BILLED = BOOKS + """
group_names = ['property_billing.group_billing_manager', 'property_base.group_all_projects']
""" + STAFF + """
owner = env['res.partner'].create({'name': 'Owner'})
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
env['property.occupancy'].create({
    'unit_id': unit.id, 'partner_id': owner.id, 'role': 'owner', 'date_start': '2020-01-01'})
fee = env['property.fee'].create({
    'name': 'Water', 'company_id': company.id, 'nature': 'agency'})
kind = env['property.meter.type'].create({
    'name': 'Meter at once', 'unit_name': 'm³', 'fee_id': fee.id, 'company_id': company.id})
tariff = env['property.tariff'].create({
    'name': 'Year tiers', 'fee_id': fee.id, 'basis': 'metered', 'version_ids': [Command.create({
        'date_start': '2020-01-01', 'price': 5, 'per_person': 120, 'standard_persons': 4,
        'tier_ids': [Command.create({'above': 60, 'price': 7})]})]})
meter = env['property.meter'].create({
    'number': 'W-1', 'unit_id': unit.id, 'type_id': kind.id, 'date_start': '2025-01-01'})
env['property.fee.assignment'].create({
    'unit_id': unit.id, 'tariff_id': tariff.id, 'meter_id': meter.id, 'date_start': '2026-01-01'})
Reading = env['property.meter.reading']
for day, value, first in (
        (date(2025, 12, 31), '1000', 'first'), (date(2026, 3, 31), '1090', 'read')):
    faults, reading = Reading._enter([{
        'meter_id': meter.id, 'register': 'total', 'date': day, 'value': value, 'kind': first}])
    assert not faults, faults
assert reading.state == 'accepted'
run = env['property.bill.run'].create({
    'project_id': project.id, 'date_end': '2026-03-31', 'date_invoice': '2026-04-01'})
run = run.with_user(people[0]).with_context(queue_job__no_delay=True)
run.action_preview()
run.sudo().state = 'posting'
ids = run.charge_ids.ids
allowance = env['property.meter.allowance'].create({
    'unit_id': unit.id, 'type_ids': kind.ids, 'persons': 5, 'granted_on': '2025-12-10'})
allowance.action_submit()
"""

POST = "env['property.bill.run'].browse(run.id)._job_post(ids)"

CHANGES = {
    "replaced": "env['property.meter.reading'].browse(reading.id)._replace('1080', 'Misread')",
    "exchanged": """env['property.meter'].browse(meter.id)._exchange(
        date(2026, 3, 20), {'total': '1088'}, 'W-2', {'total': '0'}, 1, 5, 0, 'Broken')""",
    "deleted": "env['property.meter.reading'].browse(reading.id).unlink()",
    "allowed": """
result['proposed'] = bool(
    env['property.meter.allowance'].browse(allowance.id).action_approve())
""",
    "dearer": """env['property.tariff.tier'].create({
        'version_id': tariff.version_ids.id, 'above': 80, 'price': 9})""",
}

REPORT_POSTED = """
result['charges'] = [
    [charge.state, charge.reason, charge.amount] for charge in run.charge_ids]
result['number'] = meter.number
result['accepted'] = meter.reading_ids.filtered(
    lambda row: row.state == 'accepted').sorted('date').mapped('value')
result['wrong'] = [
    check['name'] for check in env['property.doctor'].run() if not check['ok']]
"""


def do_while_posting(database, change, change_first):
    """The run posts and a colleague changes what it is computed from, one before the other."""
    own = f"number == {int(not change_first)}"
    act = f"if {own}:\n{indent(CHANGES[change].strip(), '    ')}\nelse:\n    {POST}"
    outcome = do_at_once(database, BILLED, act, REPORT_POSTED)
    assert outcome["waited"]
    assert outcome["wrong"] == []
    return outcome


@pytest.mark.parametrize("change, message", [
    ("exchanged", "is billed up to"), ("deleted", "is billed up to"),
    ("dearer", "is billed up to 2026-03-31"),
])
def test_it_is_posted_first(database, change, message):
    """[B32] 60 × 5 + 30 × 7 = 510.00 stand, and who comes second is told."""
    outcome = do_while_posting(database, change, False)
    assert message in outcome["refused"]
    assert outcome["charges"] == [["posted", False, 510]]
    assert (outcome["number"], outcome["accepted"]) == ("W-1", [1000, 1090])


def test_a_reading_is_replaced_when_it_is_posted(database):
    """[B32] A manager may: the charge stands and is proposed to be corrected."""
    outcome = do_while_posting(database, "replaced", False)
    assert outcome["refused"] is None
    assert outcome["charges"] == [["posted", False, 510]]
    assert outcome["accepted"] == [1000, 1080]


@pytest.mark.parametrize("change", ["replaced", "deleted", "allowed"])
def test_it_is_changed_first(database, change):
    """[B13] [B32] The job had looked before: it begins anew, and leaves that to a person."""
    outcome = do_while_posting(database, change, True)
    assert outcome["refused"] is None
    [[state, reason, _amount]] = outcome["charges"]
    assert (state, reason) == ("left_out", "changed")


def test_a_tier_is_entered_just_before_it_is_posted(database):
    """[B01] [B13] The job had looked before; while the tier is entered it would come back later."""
    act = f"if number:\n    {POST}\nelse:\n{indent(CHANGES['dearer'].strip(), '    ')}"
    outcome = do_at_once(database, BILLED, act, REPORT_POSTED, overlap=False)
    assert outcome["refused"] is None
    [[state, reason, _amount]] = outcome["charges"]
    assert (state, reason) == ("left_out", "changed")
    assert outcome["wrong"] == []


def test_an_allowance_of_what_is_posted(database):
    """[decision 17] Whoever approves it sees the charge, and is offered its correction."""
    outcome = do_while_posting(database, "allowed", False)
    assert outcome["refused"] is None
    assert outcome["charges"] == [["posted", False, 510]]
    assert outcome["proposed"]


# === TWO RUNS, TWO ALLOWANCES === #

# The readings of a round are billed by two clerks, each with a run of his own.
TWO_RUNS = BILLED + """
run.sudo().state = 'preview'
run.action_drop_preview()
runs = run + run.copy()
runs = env['property.bill.run'].browse(runs.ids)
"""

PREVIEW = "env['property.bill.run'].browse(runs.ids[number]).action_preview()"

REPORT_RUNS = """
result['states'] = runs.mapped('state')
result['charges'] = [run.charge_ids.mapped('amount') for run in runs]
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_two_runs_of_one_round(database, overlap):
    """[B31] One bills the 90 m³; the other is told, and holds nothing of them."""
    outcome = do_at_once(database, TWO_RUNS, PREVIEW, REPORT_RUNS, overlap)
    assert outcome["waited"] is overlap
    assert "charged already" in outcome["refused"]
    assert outcome["states"] == ["preview", "draft"]
    assert outcome["charges"] == [[510], []]


TWO_ALLOWANCES = BILLED + """
allowances = allowance + allowance.copy({'granted_on': '2025-12-20'})
allowances[1].action_submit()
"""

APPROVE = "env['property.meter.allowance'].browse(allowances.ids[number]).action_approve()"

REPORT_ALLOWANCES = """
result['allowances'] = allowances.sorted('id').mapped('state')
"""


@pytest.mark.parametrize("hangs", [True, False], ids=["with its meter", "before it has one"])
def test_two_allowances_of_a_home(database, hangs):
    """[decision 17] The same persons count once; the second is told which is in force."""
    prepare = TWO_ALLOWANCES + ("" if hangs else """
allowances.sudo().type_ids = kind.copy({'name': 'Another one'})
""")
    outcome = do_at_once(database, prepare, APPROVE, REPORT_ALLOWANCES)
    assert outcome["waited"]
    assert "is in force from" in outcome["refused"]
    assert outcome["allowances"] == ["approved", "pending"]


# === RESIDENTS === #

RESIDENTS = PREPARE + """
from odoo import fields
today = fields.Date.today()
meter.unit_id = env['property.unit'].create({
    'name': '101', 'building_id': env['property.building'].create(
        {'name': 'Tower', 'project_id': project.id}).id})
round.write({'date_start': '2026-02-01', 'date_end': today, 'window_start': '2026-02-01',
             'window_end': fields.Date.add(today, days=1), 'accepts_residents': True})
"""

SEND = """
faults = env['property.meter'].browse(meter.id).sudo()._send_readings(
    {'total': ['110', '112'][number]})
assert not faults, faults
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_two_residents_send_one_meter(database, overlap):
    """[request 14] Husband and wife: one reading, and the second is told."""
    outcome = do_at_once(database, RESIDENTS, SEND, REPORT, overlap)
    assert outcome["waited"] is overlap
    assert "has been read already" in outcome["refused"]
    assert [value for value, _use, _state in outcome["values"]] == [100, 110]
