"""Two requests sell units for one prepaid meter at the same moment."""

import pytest
from at_once import BOOKS, do_at_once

PREPARE = BOOKS + """
people = env.user, env.user
unit = env['property.unit'].create({'name': '101', 'building_id': building.id})
owner = env['res.partner'].create({'name': 'Owner'})
env['property.occupancy'].create({
    'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'})
fee = env['property.fee'].create({
    'name': 'Power', 'company_id': company.id, 'nature': 'agency'})
tariff = env['property.tariff'].create({
    'name': 'Power', 'fee_id': fee.id, 'basis': 'metered', 'version_ids': [Command.create({
        'date_start': '2020-01-01', 'price': 0.5,
        'tier_ids': [Command.create({'above': 100, 'price': 1})]})]})
kind = env['property.meter.type'].create({
    'name': 'Prepaid', 'unit_name': 'kWh', 'company_id': company.id, 'fee_id': fee.id})
meter = env['property.meter'].create({
    'number': 'P-1', 'type_id': kind.id, 'unit_id': unit.id, 'mode': 'prepaid',
    'date_start': '2020-01-01'})
env['property.fee.assignment'].create({
    'unit_id': unit.id, 'tariff_id': tariff.id, 'meter_id': meter.id, 'date_start': '2020-01-01'})
journal = env['account.journal'].search(
    [('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
"""

SELL = """
env = env(context={'allowed_company_ids': company.ids})
sale = env['property.meter'].browse(meter.id)._top_up(
    50, env['account.journal'].browse(journal.id), keys[number])
result.setdefault('sales', []).append(sale.id)
"""

REPORT = """
sales = meter.top_up_ids.sorted('id')
result['units'] = sales.mapped('units')
result['charged'] = env['property.charge'].search([('unit_id', '=', unit.id)]).mapped('amount')
result['paid'] = env['account.payment'].search(
    [('partner_id', '=', owner.id)]).mapped('amount')
"""


@pytest.mark.parametrize("overlap", [True, False], ids=["waits", "comes just after"])
def test_the_same_key_is_one_sale(database, overlap):
    """[B52] A terminal asks again before it has its answer: one charge, one payment."""
    outcome = do_at_once(
        database, PREPARE + "keys = 'terminal 7', 'terminal 7'", SELL, REPORT, overlap)
    assert outcome["waited"] is overlap
    assert outcome["refused"] is None
    assert len(set(outcome["sales"])) == 1
    assert (outcome["units"], outcome["charged"], outcome["paid"]) == ([100], [50], [50])


def test_two_sales_share_the_tiers(database):
    """[B52] The first takes what is left below the limit; the second pays the tier above."""
    outcome = do_at_once(
        database, PREPARE + "keys = 'terminal 7', 'terminal 8'", SELL, REPORT)
    assert outcome["waited"]
    assert outcome["units"] == [100, 50]
    assert outcome["charged"] == outcome["paid"] == [50, 50]
