"""Two people spend what is left of a fund, or post its commission, at one moment."""

import pytest
from at_once import BOOKS, STAFF, do_at_once

# 1,000.00 are in the fund. Each would spend 700.00 of it; the commission of January is 5 %.
PREPARE = BOOKS + """
project.charging_regime = 'commission'
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
payer, supplier = env['res.partner'].create([{'name': 'Owner'}, {'name': 'Cleaners'}])
tax = env['account.chart.template'].ref('property_billing_tax_6')
trust_fee, income_fee = env['property.fee'].create([
    {'name': 'Service charge', 'company_id': company.id, 'nature': 'trust'},
    {'name': 'Our commission', 'company_id': company.id, 'tax_id': tax.id}])
fund = env['property.fund'].create({
    'name': 'Service charges', 'project_id': project.id, 'kind': 'trust',
    'commission_fee_id': income_fee.id, 'commission_percent': 5,
    'commission_since': date(2026, 1, 1)})
env['property.charge'].create({
    'kind': 'temporary', 'fee_id': trust_fee.id, 'unit_id': unit.id, 'partner_id': payer.id,
    'date_start': date(2026, 1, 1), 'date_end': date(2026, 1, 31), 'date_due': date(2026, 1, 31),
    'amount': 1000})._create_bills(date(2026, 1, 1))
bills = env['account.move'].create([{
    'move_type': 'in_invoice', 'partner_id': supplier.id, 'invoice_date': date(2026, 1, 31),
    'date': date(2026, 1, 31), 'property_project_id': project.id, 'ref': number,
    'invoice_line_ids': [Command.create({
        'name': 'Work', 'price_unit': 700, 'tax_ids': False,
        'account_id': fund.account_id.id})]} for number in ('A', 'B')])
group_names = [
    'property_billing.group_billing_manager', 'property_base.group_all_projects',
    'account.group_account_user']
""" + STAFF

SPEND = "env['account.move'].browse(bills[number].id).action_post()"
COMMISSION = "env['property.fund'].browse(fund.id)._post_commission(date(2026, 1, 31))"
REPORT = """
result['states'] = bills.mapped('state')
result['balance'] = round(fund.amount_balance, 2)
result['commissions'] = fund.commission_ids.mapped('amount')
"""


@pytest.mark.parametrize("overlap", [True, False])
def test_two_spend_the_rest(database, overlap):
    """The second is told what is missing, and his bill stays a draft."""
    outcome = do_at_once(database, PREPARE, SPEND, REPORT, overlap)
    assert "400.00" in outcome["refused"]
    assert outcome["states"] == ["posted", "draft"]
    assert outcome["balance"] == 300


@pytest.mark.parametrize("overlap", [True, False])
def test_two_post_the_commission_of_a_month(database, overlap):
    """The second finds that of the first."""
    outcome = do_at_once(database, PREPARE, COMMISSION, REPORT, overlap)
    assert outcome["refused"] is None
    assert outcome["commissions"] == [50]
    assert outcome["balance"] == 950
