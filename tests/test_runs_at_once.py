"""Two clerks bill the same units at the same moment, or something changes while a run posts."""

from textwrap import indent

import pytest
from at_once import do_at_once

PREPARE = """
company = env['res.company'].create({
    'name': 'Jindong Property', 'country_id': env.ref('base.cn').id})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.company_ids |= company
env = env(context={'allowed_company_ids': company.ids})
clerk = env['res.users'].create({
    'name': 'Clerk', 'login': 'clerk-at-once', 'company_id': company.id,
    'company_ids': [Command.set(company.ids)],
    'group_ids': [Command.set(env.ref('property_billing.group_billing_manager').ids)]})
project = env['property.project'].create({
    'name': 'Lakeside', 'company_id': company.id, 'user_ids': clerk.ids})
building = env['property.building'].create({'project_id': project.id, 'name': 'Tower'})
owner = env['res.partner'].create({'name': 'Owner'})
fee = env['property.fee'].create({
    'name': 'Property fee', 'company_id': company.id,
    'tax_id': env['account.chart.template'].ref('property_billing_tax_6').id,
    'account_id': company.property_income_account_id.id})
tariff = env['property.tariff'].create({'name': 'By area', 'fee_id': fee.id, 'version_ids': [
    Command.create({'date_start': '2020-01-01', 'price': 1})]})
units = env['property.unit'].create([
    {'building_id': building.id, 'name': name, 'building_area': 100} for name in ('101', '102')])
env['property.occupancy'].create([
    {'unit_id': unit.id, 'partner_id': owner.id, 'role': 'owner', 'date_start': '2020-01-01'}
    for unit in units])
env['property.fee.assignment'].create([
    {'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': '2026-05-01'} for unit in units])
runs = env['property.bill.run'].create([
    {'project_id': project.id, 'date_end': '2026-05-31', 'date_invoice': '2026-05-01'}] * 2)
people = clerk, clerk
"""

PREVIEW = """
env['property.bill.run'].browse(runs[number].id).action_preview()
"""

# What is refused leaves nothing; asked again, the days of the other run are left aside.
REPORT_PREVIEW = """
result['states'] = runs.mapped('state')
result['charges'] = [len(run.charge_ids) for run in runs]
runs[1].action_preview()
result['again'] = [len(run.charge_ids) for run in runs]
"""

PREVIEWED = """
run = runs[0]
run.with_user(clerk).action_preview()
run.sudo().state = 'posting'
ids = run.charge_ids.ids
"""

# The first measures a room anew, the second posts what was computed before.
MEASURE_AND_POST = """
if number == 0:
    env['property.unit'].browse(units[0].id).sudo().building_area = 150
else:
    env['property.bill.run'].browse(run.id)._job_post(ids)
"""

POST = "env['property.bill.run'].browse(run.id)._job_post(ids)"
DEARER = """
env['property.tariff.version'].create({
    'tariff_id': tariff.id, 'date_start': '2026-05-01', 'price': 1.2})
"""

REPORT_POSTED = """
result['charges'] = [
    (charge.state, charge.amount, charge.move_id.amount_total) for charge in run.charge_ids]
result['wrong'] = [
    check['name'] for check in env['property.doctor'].run() if not check['ok']]
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_two_runs_over_the_same_units(database, overlap):
    """[B13] [B14] One has the days; the other is told so, holds nothing of it, and may go on."""
    outcome = do_at_once(database, PREPARE, PREVIEW, REPORT_PREVIEW, overlap)
    assert outcome["waited"] is overlap
    assert "charged already" in outcome["refused"]
    assert outcome["states"] == ["preview", "draft"]
    assert outcome["charges"] == [2, 0]
    assert outcome["again"] == [2, 0]


def test_area_that_changes_while_the_job_is_under_way(database):
    """[B13] The job had looked before: it begins anew, and leaves that room to a person."""
    outcome = do_at_once(
        database, PREPARE + PREVIEWED, MEASURE_AND_POST, REPORT_POSTED, overlap=False
    )
    assert outcome["refused"] is None
    assert sorted(outcome["charges"]) == [["left_out", 100, 0], ["posted", 100, 100]]
    assert outcome["wrong"] == []


def test_area_that_is_typed_while_its_days_are_posted(database):
    """[B13] What is billed by 100 m² stays so; who types 150 at that moment is told."""
    outcome = do_at_once(
        database,
        PREPARE + PREVIEWED,
        MEASURE_AND_POST.replace("number == 0", "number"),
        REPORT_POSTED + "result['area'] = units[0].building_area",
    )
    assert outcome["waited"]
    assert "billed up to 2026-05-31 by 100.00 m²" in outcome["refused"]
    assert outcome["charges"] == [["posted", 100, 100]] * 2
    assert outcome["area"] == 100


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_price_that_is_entered_while_its_days_are_posted(database, overlap):
    """[B10] [B13] May is posted at 1.00 per m²; who raises it to 1.20 at that moment is told."""
    outcome = do_at_once(
        database,
        PREPARE + PREVIEWED,
        f"if number:\n{indent(DEARER, '    ')}\nelse:\n    {POST}",
        REPORT_POSTED + "result['prices'] = tariff.version_ids.mapped('price')",
        overlap,
    )
    assert outcome["waited"] is overlap
    assert "billed up to 2026-05-31" in outcome["refused"]
    assert "start on 2026-06-01 or later" in outcome["refused"]
    assert outcome["charges"] == [["posted", 100, 100]] * 2
    assert outcome["prices"] == [1]
    assert outcome["wrong"] == []


def test_days_that_are_posted_just_after_their_price_was_entered(database):
    """[B10] [B13] The job had looked before: it begins anew, and leaves them to a person."""
    outcome = do_at_once(
        database,
        PREPARE + PREVIEWED,
        f"if number:\n    {POST}\nelse:\n{indent(DEARER, '    ')}",
        """
result['charges'] = [
    (charge.state, charge.reason, charge.reason_detail) for charge in run.charge_ids]
""",
        overlap=False,
    )
    assert outcome["refused"] is None
    assert {(state, reason) for state, reason, _detail in outcome["charges"]} == {
        ("left_out", "changed")
    }
    assert all("120" in detail for _state, _reason, detail in outcome["charges"])
