"""Two managers settle one budget, and one settles what another credits."""

import pytest
from at_once import BOOKS, STAFF, do_at_once

# Two flats have paid 1,000.00 ahead, and 2,600.00 were spent for them.
PREPARE = BOOKS + """
project.charging_regime = 'commission'
units = env['property.unit'].create([
    {'building_id': building.id, 'name': name, 'building_area': 100} for name in ('101', '102')])
owners = env['res.partner'].create([{'name': 'Owner ' + unit.name} for unit in units])
env['property.occupancy'].create([
    {'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'}
    for unit, owner in zip(units, owners)])
fee = env['property.fee'].create({
    'name': 'Property fee', 'company_id': company.id, 'nature': 'trust'})
fund = env['property.fund'].create({
    'name': 'Fund', 'project_id': project.id, 'may_overdraw': True})
advances = env['property.charge'].create([
    {'kind': 'temporary', 'fee_id': fee.id, 'unit_id': unit.id, 'partner_id': owner.id,
     'amount': 1000, 'date_start': '2025-01-01', 'date_end': '2025-12-31',
     'date_due': '2025-12-31'} for unit, owner in zip(units, owners)])
advances._create_bills(date(2025, 1, 1))
key = env['property.share.key'].create({'name': 'By area', 'project_id': project.id})
budget = env['property.budget'].create({
    'name': 'Budget 2025', 'project_id': project.id, 'date_start': '2025-01-01',
    'date_end': '2025-12-31', 'advance_fee_ids': [Command.set(fee.ids)],
    'line_ids': [Command.create({'name': 'Cleaning', 'key_id': key.id})]})
budget.sudo().write({'state': 'approved'})
supplier = env['res.partner'].create({'name': 'Cleaners'})
bill = env['account.move'].create({
    'move_type': 'in_invoice', 'partner_id': supplier.id, 'invoice_date': date(2025, 12, 20),
    'date': date(2025, 12, 20), 'property_project_id': project.id,
    'invoice_line_ids': [Command.create({
        'name': 'Cleaning', 'price_unit': 2600, 'tax_ids': [Command.clear()],
        'account_id': fund.account_id.id, 'property_budget_line_id': budget.line_ids.id})]})
bill.action_post()
budget._divide_costs()
group_names = ['property_billing.group_billing_manager', 'property_base.group_all_projects']
""" + STAFF

TRUE_UP = """
env = env(context={'queue_job__no_delay': True})
env['property.budget'].browse(budget.id)._start_true_up(date(2026, 1, 31), 30)
"""

CREDIT_OR_TRUE_UP = """
if number:
""" + "\n".join(f"    {line}" for line in TRUE_UP.strip().splitlines()) + """
else:
    env['property.charge'].browse(advances[0].id)._credit(
        'a favour', date(2026, 1, 5), {advances[0].id: 100})
"""

REPORT = """
charges = env['property.charge'].search([('budget_id', '=', budget.id)])
result['charged'] = sorted(charges.mapped('amount'))
result['open'] = [account.amount for account in budget._plan_true_up() if account.amount]
result['state'] = budget.state
"""


@pytest.mark.parametrize("overlap", [True, False])
def test_two_true_ups(database, overlap):
    """Each payer is charged 300.00 once."""
    outcome = do_at_once(database, PREPARE, TRUE_UP, REPORT, overlap)
    assert outcome["charged"] == [300, 300]
    assert outcome["open"] == []
    assert outcome["state"] == "trued_up"


@pytest.mark.parametrize("overlap", [True, False])
def test_an_advance_is_credited_while_it_is_trued_up(database, overlap):
    """The second sees what the first has credited: 400.00 and 300.00."""
    outcome = do_at_once(database, PREPARE, CREDIT_OR_TRUE_UP, REPORT, overlap)
    assert outcome["waited"] == overlap
    assert outcome["refused"] is None
    assert outcome["charged"] == [300, 400]
    assert outcome["open"] == []
