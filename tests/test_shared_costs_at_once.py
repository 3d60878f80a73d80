"""Two clerks divide what the same supplier billed."""

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
    'account.group_account_readonly']
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
