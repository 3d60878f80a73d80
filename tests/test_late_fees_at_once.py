"""A bill run posts a late fee while somebody matches a payment of what it is for."""

import pytest
from at_once import BOOKS, STAFF, do_at_once

# 857.57 due on 31 January at 0.05 % after five days: 23.15 up to 31 March; with 400.00 paid on
# 1 March 16.95, of which 9.86 fall on the days before.
PREPARE = BOOKS + """
unit = env['property.unit'].create({'building_id': building.id, 'name': '101'})
payer = env['res.partner'].create({'name': 'Owner'})
tax = env['account.chart.template'].ref('property_billing_tax_6')
fee, late_fee = env['property.fee'].create([
    {'name': name, 'company_id': company.id, 'tax_id': tax.id,
     'account_id': company.property_income_account_id.id} for name in ('Fee', 'Late')])
company.property_late_fee_id = late_fee
env['property.late.fee.term'].create({
    'project_id': project.id, 'percent': 0.05, 'grace_days': 5, 'date_start': date(2026, 1, 1)})
principal = env['property.charge'].create({
    'kind': 'temporary', 'fee_id': fee.id, 'unit_id': unit.id, 'partner_id': payer.id,
    'date_start': date(2026, 1, 1), 'date_end': date(2026, 1, 31), 'date_due': date(2026, 1, 31),
    'amount': 857.57})
principal._create_bills(date(2026, 1, 1))
run = env['property.bill.run'].create({
    'project_id': project.id, 'date_end': date(2026, 3, 31), 'date_invoice': date(2026, 4, 1)})
run.action_preview()
bank = env['account.journal'].search(
    [('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
line = principal.receivable_line_id
entry = env['account.move'].create({
    'journal_id': bank.id, 'date': date(2026, 3, 1), 'line_ids': [
        Command.create({'account_id': line.account_id.id, 'partner_id': payer.id, 'credit': 400}),
        Command.create({'account_id': bank.default_account_id.id, 'debit': 400})]})
entry.action_post()
pair = (line + entry.line_ids.filtered(lambda found: found.account_id == line.account_id)).ids
group_names = [
    'property_billing.group_billing_manager', 'property_base.group_all_projects',
    'account.group_account_user']
""" + STAFF

POST = """
env['property.bill.run'].browse(run.id).with_context(queue_job__no_delay=True).action_post()
"""
MATCH = "env['account.move.line'].browse(pair).reconcile()"
SECOND_MATCHES = f"if number:\n    {MATCH}\nelse:\n    {POST.strip()}"
SECOND_POSTS = f"if number:\n    {POST.strip()}\nelse:\n    {MATCH}"

REPORT = """
late_fees = principal.late_fee_ids
result['posted'] = late_fees.filtered(lambda charge: charge.state == 'posted').mapped('amount')
result['owed'] = sum(late_fees.filtered(
    lambda charge: charge.state == 'posted').mapped('amount_residual'))
result['reasons'] = [charge.reason for charge in late_fees if charge.reason]
"""


@pytest.mark.parametrize("overlap", [True, False])
def test_matched_while_a_run_posts(database, overlap):
    """The payment begins anew, and takes off what the run charged too much."""
    outcome = do_at_once(database, PREPARE, SECOND_MATCHES, REPORT, overlap)
    assert outcome["waited"] == overlap
    assert (outcome["posted"], round(outcome["owed"], 2)) == ([23.15], 16.95)


def test_posted_just_after_a_payment(database):
    """The run had looked before: it begins anew, and leaves out what has changed."""
    outcome = do_at_once(database, PREPARE, SECOND_POSTS, REPORT, overlap=False)
    assert (outcome["posted"], outcome["reasons"]) == ([9.86], ["changed"])
