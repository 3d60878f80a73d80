"""Two clerks take the charges of one lease, or end it; two leases are reviewed for one room."""

import pytest
from at_once import do_at_once

LEASES = """
company = env['res.company'].create({'name': 'Once', 'country_id': env.ref('base.cn').id})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({'company_ids': [Command.link(company.id)], 'company_id': company.id})
env = env(context={**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True})
project = env['property.project'].create({'name': 'Mall', 'company_id': company.id})
building = env['property.building'].create({'name': '1', 'project_id': project.id})
shop = env['property.unit'].create({
    'name': 'S1', 'building_id': building.id, 'building_area': 86.5, 'kind': 'shop'})
chart = env['account.chart.template'].with_company(company)
rent = env['property.fee'].create({
    'name': 'Once a month', 'company_id': company.id,
    'tax_id': chart.ref('property_billing_tax_9').id})
people = env['res.users'].with_context(no_reset_password=True).create([{
    'name': name, 'login': name, 'company_id': company.id,
    'company_ids': [Command.set(company.ids)], 'property_project_ids': [Command.set(project.ids)],
    'group_ids': [Command.link(env.ref(group).id) for group in (
        'property_billing.group_billing_officer', 'property_billing.group_billing_approve')],
} for name in ('ann', 'ben')])
leases = env['property.lease'].create([{
    'project_id': project.id, 'partner_id': env['res.partner'].create({'name': name}).id,
    'date_start': '2026-01-01', 'date_end': '2026-12-31',
    'line_ids': [Command.create({
        'unit_id': shop.id, 'fee_id': rent.id, 'basis': 'fixed', 'price': 3000})],
} for name in ('Tea', 'Bread')])
leases.action_submit()
"""


def test_two_runs_take_a_charge_once(database):
    """[B20] The second waits for the first, and finds nothing left to take."""
    outcome = do_at_once(
        database,
        LEASES
        + """
leases[0].action_approve()
leases[0].action_transfer()
runs = env['property.bill.run'].create([{
    'project_id': project.id, 'date_end': '2026-03-31', 'date_invoice': '2026-03-31',
} for _number in range(2)])
""",
        "env['property.bill.run'].browse(runs.ids[number]).action_preview()",
        """
result['counts'] = [len(run.charge_ids) for run in runs]
result['states'] = sorted(set(leases[0].charge_ids.mapped('state')))
""",
    )
    assert outcome["waited"]
    assert outcome["refused"] is None
    assert outcome["counts"] == [3, 0]
    assert outcome["states"] == ["draft", "transferred"]


def test_a_room_is_let_once(database):
    """[A37] Two drafts want it, two reviewers let it at one moment: one of them is told."""
    outcome = do_at_once(
        database,
        LEASES,
        "env['property.lease'].browse(leases.ids[number]).action_approve()",
        "result['states'] = leases.mapped('state')",
    )
    assert outcome["waited"]
    assert "S1 is let" in outcome["refused"]
    assert outcome["states"] == ["approved", "pending"]


@pytest.mark.parametrize("overlap", [True, False], ids=["at once", "comes just after"])
def test_transferred_and_ended(database, overlap):
    """[A38] [B20] Refused or not, the end leaves receivable what is owed, and no more."""
    outcome = do_at_once(
        database,
        LEASES + "leases[0].action_approve(); people = env.user, env.user",
        """
if number:
    env['property.lease.end'].create({
        'lease_id': leases[0].id, 'date': '2026-02-10', 'reason': 'Moves'}).action_confirm()
else:
    env['property.lease'].browse(leases[0].id).action_transfer()
""",
        """
result['state'] = leases[0].state
result['charges'] = leases[0].charge_ids.mapped('state')
""",
        overlap,
    )
    if overlap:
        assert "Try again in a moment" in outcome["refused"]
        assert outcome["state"] == "transferred"
        assert outcome["charges"] == ["transferred"] * 12
    else:
        assert outcome["refused"] is None
        assert outcome["state"] == "ended"
        assert outcome["charges"] == ["transferred"] * 2
