"""Two clerks divide what the same supplier billed, or a meter counted, or one takes it back."""

from textwrap import indent

import pytest
from at_once import BOOKS, STAFF, do_at_once

# The supplier billed 300.00, once.
PREPARE = BOOKS + """
env['property.unit'].create([
    {'building_id': building.id, 'name': str(number), 'building_area': area}
    for number, area in ((101, 80), (102, 120))])
fee = env['property.fee'].create({
    'name': 'Shared', 'company_id': company.id, 'nature': 'agency'})
key = env['property.share.key'].create({'name': 'By area', 'project_id': project.id})
supplier = env['res.partner'].create({'name': 'State Grid'})
bill = env['account.move'].create({
    'move_type': 'in_invoice', 'partner_id': supplier.id, 'invoice_date': date(2026, 4, 5),
    'date': date(2026, 4, 5), 'invoice_line_ids': [Command.create({
        'name': 'Electricity', 'price_unit': 300, 'tax_ids': [Command.clear()],
        'account_id': company.property_agency_account_id.id})]})
bill.action_post()
cost = env['property.shared.cost'].create({
    'name': 'Stairs', 'project_id': project.id, 'fee_id': fee.id, 'key_id': key.id,
    'date_start': date(2026, 3, 1), 'date_end': date(2026, 3, 31)})
source = {'cost_id': cost.id, 'line_id': bill.invoice_line_ids.id}
group_names = [
    'property_billing.group_billing_officer', 'property_base.group_all_projects',
    'account.group_account_manager']
""" + STAFF

SHARE = """
own = env['property.shared.cost'].browse(cost.id)
if number:
    own = own.copy({'name': 'Garden'})
own.source_ids.create({'cost_id': own.id, 'line_id': source['line_id']})
own._divide()
"""

DIVIDE = "env['property.shared.cost'].browse(cost.id)._divide()"

REPORT = """
costs = env['property.shared.cost'].search([('project_id', '=', project.id)])
result['costs'] = [[cost.name, cost.state, cost.part_count, cost.part_total] for cost in costs]
"""


@pytest.mark.parametrize("overlap", [True, False])
def test_the_same_line_in_two_costs(database, overlap):
    """The second is told which cost has it, and has stored nothing."""
    outcome = do_at_once(database, PREPARE, SHARE, REPORT, overlap)
    assert outcome["waited"] == overlap
    assert "are left, since it is also in Stairs" in outcome["refused"]
    assert outcome["costs"] == [["Stairs", "confirmed", 2, 300]]


@pytest.mark.parametrize("overlap", [True, False])
def test_one_cost_divided_twice(database, overlap):
    """The second is told that it is divided; each unit has one part."""
    prepare = PREPARE + "env['property.shared.source'].create(source)\n"
    outcome = do_at_once(database, prepare, DIVIDE, REPORT, overlap)
    assert outcome["waited"] == overlap
    assert "is in state “Divided”" in outcome["refused"]
    assert outcome["costs"] == [["Stairs", "confirmed", 2, 300]]


# === TAKEN BACK MEANWHILE === #

RESET = "env['account.move'].browse(bill.id).button_draft()"
CANCEL = RESET + "\nenv['account.move'].browse(bill.id).button_cancel()"
CHEAPER = "env['account.move.line'].browse(source['line_id']).price_unit = 200"
REPORT_BILL = REPORT + "result['bill'] = [bill.state, bill.invoice_line_ids.price_total]"


def do_while_dividing(database, change, change_first):
    """A clerk divides the bill and an accountant changes it, one before the other."""
    own = f"number == {int(not change_first)}"
    act = f"if {own}:\n{indent(change, '    ')}\nelse:\n    {DIVIDE}"
    outcome = do_at_once(
        database, PREPARE + "env['property.shared.source'].create(source)\n", act, REPORT_BILL)
    assert outcome["waited"]
    return outcome


@pytest.mark.parametrize("change", [RESET, CANCEL, CHEAPER], ids=["draft", "cancel", "price"])
def test_a_bill_is_changed_when_it_is_divided(database, change):
    """The accountant is told which cost has it; the bill stays as it is."""
    outcome = do_while_dividing(database, change, False)
    assert "is shared among units by Stairs" in outcome["refused"]
    assert outcome["costs"] == [["Stairs", "confirmed", 2, 300]]
    assert outcome["bill"] == ["posted", 300]


@pytest.mark.parametrize("change, message, bill", [
    (RESET, "is not posted", ["draft", 300]),
    (CANCEL, "is not posted", ["cancel", 300]),
    (CHEAPER, "200", ["posted", 200]),
], ids=["draft", "cancel", "price"])
def test_a_bill_is_changed_before_it_is_divided(database, change, message, bill):
    """The clerk is told that it is not posted, or less; no unit has a part."""
    outcome = do_while_dividing(database, change, True)
    assert message in outcome["refused"]
    assert outcome["costs"] == [["Stairs", "draft", 0, 0]]
    assert outcome["bill"] == bill


# === A SHARED METER === #

# The garden used 40 m³ at 5.00 in March; two clerks have a cost of it each.
METERED = PREPARE + """
kind = env['property.meter.type'].create({
    'name': 'Shared at once', 'unit_name': 'm³', 'fee_id': fee.id, 'company_id': company.id})
tariff = env['property.tariff'].create({
    'name': 'By meter', 'fee_id': fee.id, 'basis': 'metered',
    'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
meter = env['property.meter'].create({
    'number': 'G-1', 'name': 'Garden', 'type_id': kind.id, 'project_id': project.id,
    'date_start': '2020-01-01'})
for day, value, step in ((date(2026, 2, 28), '100', 'first'), (date(2026, 3, 31), '140', 'read')):
    faults, readings = env['property.meter.reading']._enter([{
        'meter_id': meter.id, 'register': 'total', 'date': day, 'value': value, 'kind': step}])
    assert not faults, faults
costs = cost.copy({
    'name': 'Garden', 'origin': 'meter', 'meter_id': meter.id, 'tariff_id': tariff.id})
costs += costs.copy({'name': 'Flowers'})
cost.unlink()
"""

DIVIDE_OWN = "env['property.shared.cost'].browse(costs.ids[number])._divide()"

READ_OR_DIVIDE = """
if number == 0:
    env['property.meter.reading'].browse(readings.id)._replace('150', 'Misread')
else:
    env['property.shared.cost'].browse(costs.ids[0])._divide()
"""


@pytest.mark.parametrize("overlap", [True, False])
def test_one_meter_in_two_costs(database, overlap):
    """What it counted is divided once; the second is told by which cost."""
    outcome = do_at_once(database, METERED, DIVIDE_OWN, REPORT, overlap)
    assert outcome["waited"] == overlap
    assert "is in Garden already" in outcome["refused"]
    assert sorted(outcome["costs"]) == [
        ["Flowers", "draft", 0, 0], ["Garden", "confirmed", 2, 200]]


def test_a_reading_is_replaced_while_it_is_divided(database):
    """What is divided is what stands in the end: 50 m³."""
    outcome = do_at_once(database, METERED, READ_OR_DIVIDE, REPORT)
    assert outcome["waited"]
    assert outcome["refused"] is None
    assert ["Garden", "confirmed", 2, 250] in outcome["costs"]
