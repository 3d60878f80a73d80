"""Two colleagues bill or end one lease at the same moment."""

import pytest
from at_once import do_at_once

# Rent of 3,000.00 for April to June and a property fee of the shop from April on, with two runs
# over both.
PREPARE = """
people = env.user, env.user
company = env['res.company'].create({'name': 'Leases', 'country_id': env.ref('base.cn').id})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({'company_ids': [Command.link(company.id)], 'company_id': company.id})
env = env(context={**env.context, 'allowed_company_ids': company.ids})
project = env['property.project'].create({'name': 'Lakeside', 'company_id': company.id})
building = env['property.building'].create({'name': 'Mall', 'project_id': project.id})
shop = env['property.unit'].create({'name': 'S1', 'building_id': building.id, 'kind': 'shop'})
tenant = env['res.partner'].create({'name': 'Teahouse'})
tax = env['account.chart.template'].with_company(company).ref('property_billing_tax_6')
rent, property_fee = env['property.fee'].create([
    {'name': name, 'company_id': company.id, 'tax_id': tax.id} for name in ('Rent', 'Fee')])
lease = env['property.lease'].create({
    'project_id': project.id, 'partner_id': tenant.id,
    'date_start': '2026-04-01', 'date_end': '2026-06-30',
    'line_ids': [Command.create({
        'unit_id': shop.id, 'fee_id': rent.id, 'basis': 'fixed', 'price': 3000})]})
lease.action_submit()
lease.action_approve()
runs = env['property.bill.run'].create([{
    'project_id': project.id, 'date_end': '2026-05-31', 'date_invoice': '2026-05-31'}] * 2).ids
"""

TRANSFER = "lease.action_transfer()\n"

ASSIGN = """
tariff = env['property.tariff'].create({
    'name': 'Tariff', 'fee_id': property_fee.id, 'basis': 'fixed',
    'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 100})]})
env['property.fee.assignment'].create({
    'unit_id': shop.id, 'tariff_id': tariff.id, 'date_start': '2026-04-01',
    'partner_id': tenant.id})
"""

PREVIEW = "env['property.bill.run'].browse(runs[number]).action_preview()"

MOVE_ON = """
if number:
    env['property.lease.end'].create({
        'lease_id': lease.id, 'date': '2026-05-10', 'reason': 'Moves'}).action_confirm()
else:
    env['property.lease'].browse(lease.id).action_transfer()
"""

REPORT = """
result['taken'] = [len(env['property.bill.run'].browse(run).charge_ids) for run in runs]
result['lease'] = lease.state
result['charges'] = lease.charge_ids.sorted('date_start').mapped('state')
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_one_of_two_runs_takes_what_a_lease_charges(database, overlap):
    """[B13] [B20] The second waits for the first, and finds nothing left."""
    outcome = do_at_once(database, PREPARE + TRANSFER, PREVIEW, REPORT, overlap)
    assert outcome["waited"] is overlap
    assert outcome["refused"] is None
    assert outcome["taken"] == [2, 0]
    assert outcome["charges"] == ["draft", "draft", "transferred"]


def test_two_runs_over_the_same_units(database):
    """[B13] The second is told so, and charges no day twice."""
    outcome = do_at_once(database, PREPARE + ASSIGN, PREVIEW, REPORT)
    assert outcome["waited"]
    assert "Compute the preview again" in outcome["refused"]
    assert outcome["taken"] == [2, 0]


@pytest.mark.parametrize("overlap", [True, False], ids=["at once", "comes just after"])
def test_transferred_and_ended(database, overlap):
    """[A38] [B20] Whichever comes first, all that is owed is a receivable, and no more."""
    outcome = do_at_once(database, PREPARE, MOVE_ON, REPORT, overlap)
    if overlap:
        assert "Try again in a moment" in outcome["refused"]
        assert outcome["lease"] == "transferred"
        assert outcome["charges"] == ["transferred"] * 3
    else:
        assert outcome["lease"] == "ended"
        assert outcome["charges"] == ["transferred"] * 2
