"""Long work whose server is killed goes on by itself: nothing is lost, doubled or half."""

import time

from browser import wait_for

UNITS = 560  # with the others two full jobs of bills and a small one
LET, LATE = 30, 30  # units of a lease, and units that owe what bears late fees
METERED, SHARED = 30, 30  # units that pay by meter, and units that share a supplier's bill
BILLS = UNITS + LET + LATE + METERED + SHARED
PATIENCE = 240

PREVIEWED_RUN = f"""
from odoo import Command, fields
company = env['res.company'].create({{'name': 'Kill', 'country_id': env.ref('base.cn').id}})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({{'company_ids': [Command.link(company.id)], 'company_id': company.id}})
env = env(context={{**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True}})
project = env['property.project'].create({{'name': 'Kill', 'company_id': company.id}})
building = env['property.building'].create({{'name': '1', 'project_id': project.id}})
units = env['property.unit'].create([
    {{'name': str(number), 'building_id': building.id, 'building_area': 50 + number / 100}}
    for number in range({BILLS})])
let, late = units[{UNITS}:{UNITS + LET}], units[{UNITS + LET}:{UNITS + LET + LATE}]
metered, shared = units[-{METERED + SHARED}:-{SHARED}], units[-{SHARED}:]
units -= let
owners = env['res.partner'].create([{{'name': unit.name}} for unit in units])
env['property.occupancy'].create([
    {{'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'}}
    for unit, owner in zip(units, owners)])
chart = env['account.chart.template'].with_company(company)
fee = env['property.fee'].create({{
    'name': 'Fee', 'company_id': company.id, 'tax_id': chart.ref('property_billing_tax_6').id}})
tariff = env['property.tariff'].create({{
    'name': 'Tariff', 'fee_id': fee.id,
    'version_ids': [Command.create({{'date_start': '2020-01-01', 'price': 1.3}})]}})
env['property.fee.assignment'].create([
    {{'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': '2026-05-01'}}
    for unit in units - late - metered - shared])
water = env['property.fee'].create({{
    'name': 'Water', 'company_id': company.id, 'nature': 'agency'}})
by_meter = env['property.tariff'].create({{
    'name': 'By meter', 'fee_id': water.id, 'basis': 'metered',
    'version_ids': [Command.create({{
        'date_start': '2020-01-01', 'price': 5,
        'tier_ids': [Command.create({{'above': 10, 'price': 7}})]}})]}})
kind = env['property.meter.type'].create({{
    'name': 'Kill', 'unit_name': 'm³', 'company_id': company.id, 'fee_id': water.id}})
meters = env['property.meter'].create([
    {{'number': unit.name, 'type_id': kind.id, 'unit_id': unit.id, 'date_start': '2026-04-01'}}
    for unit in metered])
for day, value, step in (('2026-04-30', '0', 'first'), ('2026-05-31', '12', 'read')):
    faults, readings = env['property.meter.reading']._enter([
        {{'meter_id': meter.id, 'register': 'total', 'value': value, 'kind': step,
          'date': fields.Date.to_date(day)}} for meter in meters])
    assert not faults and set(readings.mapped('state')) == {{'accepted'}}, faults
env['property.fee.assignment'].create([
    {{'unit_id': meter.unit_id.id, 'tariff_id': by_meter.id, 'meter_id': meter.id,
      'date_start': '2026-05-01'}} for meter in meters])
bill = env['account.move'].create({{
    'move_type': 'in_invoice', 'company_id': company.id, 'date': '2026-05-20',
    'invoice_date': '2026-05-20', 'partner_id': env['res.partner'].create({{'name': 'Grid'}}).id,
    'invoice_line_ids': [Command.create({{
        'name': 'Light', 'price_unit': 100, 'tax_ids': [Command.clear()],
        'account_id': company.property_agency_account_id.id}})]}})
bill.action_post()
key = env['property.share.key'].create({{
    'name': 'Kill', 'project_id': project.id, 'basis': 'household', 'level': 'units',
    'unit_ids': [Command.set(shared.ids)]}})
env['property.shared.cost'].create({{
    'name': 'Light', 'project_id': project.id, 'fee_id': water.id, 'key_id': key.id,
    'date_start': '2026-05-01', 'date_end': '2026-05-31',
    'source_ids': [Command.create({{'line_id': bill.invoice_line_ids.id}})]}})._divide()
tenants = env['res.partner'].create([{{'name': f'Tenant {{unit.name}}'}} for unit in let])
leases = env['property.lease'].create([
    {{'project_id': project.id, 'partner_id': tenant.id, 'date_start': '2026-05-01',
      'date_end': '2027-04-30', 'line_ids': [Command.create({{
          'unit_id': unit.id, 'fee_id': fee.id, 'basis': 'fixed', 'price': 3000}})]}}
    for unit, tenant in zip(let, tenants)])
leases.action_submit()
leases.action_approve()
leases.action_transfer()
env['property.charge'].create([
    {{'kind': 'temporary', 'fee_id': fee.id, 'unit_id': unit.id, 'amount': 100,
      'partner_id': unit.occupancy_ids.partner_id.id, 'date_start': '2026-04-01',
      'date_end': '2026-04-30', 'date_due': '2026-04-15'}} for unit in late
])._create_bills(fields.Date.to_date('2026-04-01'))
company.property_late_fee_id = fee.copy({{'name': 'Late fee'}})
env['property.late.fee.term'].create({{
    'project_id': project.id, 'percent': 0.05, 'date_start': '2026-01-01'}})
run = env['property.bill.run'].create({{
    'project_id': project.id, 'date_end': '2026-05-31', 'date_invoice': '2026-05-01'}})
run.action_preview()
env.cr.commit()
result = run.id
"""


def query(database, sql, *values):
    return database.server.query(sql, *values, database=database.database)[0][0]


def posted(database, kind=None):
    return query(
        database, """
            SELECT count(*) FROM property_charge
             WHERE state = 'posted' AND run_id IS NOT NULL AND kind = COALESCE(%s, kind)""", kind)


def posted_of(database, column):
    """How many charges of a kind of assignment are posted, and what they come to."""
    return database.server.query(f"""
        SELECT count(*), sum(charge.amount)
          FROM property_charge charge
          JOIN property_fee_assignment assignment ON assignment.id = charge.assignment_id
         WHERE charge.state = 'posted' AND assignment.{column} > 0""",
        database=database.database)[0]


def started(database):
    return query(
        database,
        "SELECT count(*) FROM queue_job WHERE state = 'started' AND method_name = '_job_post'")


def assert_sound(database):
    """Each posted charge has one bill and one receivable line; no bill is without its charge."""
    bills = query(
        database, "SELECT count(*) FROM account_move WHERE property_run_id IS NOT NULL")
    assert bills == posted(database)
    assert bills == query(database, """
        SELECT count(DISTINCT line.property_charge_id)
          FROM account_move_line line
          JOIN property_charge charge ON charge.receivable_line_id = line.id
         WHERE charge.state = 'posted' AND line.balance = charge.amount
           AND line.move_id = charge.move_id AND line.parent_state = 'posted'
           AND charge.run_id IS NOT NULL""")


def test_killed_posting_resumes(database, server):
    """[B13] [B14] [B20] [B34] [B45] SIGKILL in a job, between jobs, at the end: posted once."""
    run_id = database.call(PREVIEWED_RUN)
    database.call(f"env['property.bill.run'].browse({run_id}).action_post(); env.cr.commit()")
    moments = {
        "the first job": lambda: started(database),
        "a job after the first": lambda: posted(database) and started(database),
        "the last bill": lambda: posted(database) == BILLS,
    }
    for moment, has_come in moments.items():
        wait_for(has_come, PATIENCE, moment)
        if moment != "the last bill":
            time.sleep(1)  # into the transaction
        server.kill()
        assert_sound(database)
        server.start()
    wait_for(
        lambda: query(
            database, "SELECT state FROM property_bill_run WHERE id = %s", run_id) == "posted",
        PATIENCE, "the run to be posted")
    assert posted(database) == BILLS
    assert posted(database, "late_fee") == LATE
    assert query(
        database, "SELECT count(*) FROM property_charge WHERE state = 'posted' AND lease_id > 0"
    ) == LET
    # 12 m³, of which 2 are above the limit: 64.00 each; of 100.00 the first ten 3.34.
    assert [posted_of(database, column) for column in ("meter_id", "shared_cost_id")] == [
        (METERED, 64 * METERED), (SHARED, 100)]
    assert_sound(database)
    names, span = (
        query(database, f"SELECT {figure} FROM account_move WHERE property_run_id = %s", run_id)
        for figure in ("count(DISTINCT name)", "max(sequence_number) - min(sequence_number) + 1"))
    assert names == span == BILLS, "numbers are unique and without a hole"


PAYERS = 1500

DIVIDED_BUDGET = f"""
from odoo import Command, fields
company = env['res.company'].create({{'name': 'Year', 'country_id': env.ref('base.cn').id}})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({{'company_ids': [Command.link(company.id)], 'company_id': company.id}})
env = env(context={{**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True}})
project = env['property.project'].create({{
    'name': 'Year', 'company_id': company.id, 'charging_regime': 'commission'}})
building = env['property.building'].create({{'name': '1', 'project_id': project.id}})
units = env['property.unit'].create([
    {{'name': str(number), 'building_id': building.id, 'building_area': 100}}
    for number in range({PAYERS})])
owners = env['res.partner'].create([{{'name': unit.name}} for unit in units])
env['property.occupancy'].create([
    {{'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'}}
    for unit, owner in zip(units, owners)])
fee = env['property.fee'].create({{
    'name': 'Fee', 'company_id': company.id, 'nature': 'trust'}})
fund = env['property.fund'].create({{
    'name': 'Fund', 'project_id': project.id, 'may_overdraw': True}})
# Every other one has paid 1,100.00 ahead, the rest 900.00.
env['property.charge'].create([
    {{'kind': 'temporary', 'fee_id': fee.id, 'unit_id': unit.id, 'partner_id': owner.id,
      'amount': 1100 if index % 2 else 900, 'date_start': '2025-01-01', 'date_end': '2025-12-31',
      'date_due': '2025-12-31'}} for index, (unit, owner) in enumerate(zip(units, owners))
])._create_bills(fields.Date.to_date('2025-01-01'))
key = env['property.share.key'].create({{'name': 'By area', 'project_id': project.id}})
budget = env['property.budget'].create({{
    'name': 'Budget', 'project_id': project.id, 'date_start': '2025-01-01',
    'date_end': '2025-12-31', 'advance_fee_ids': [Command.set(fee.ids)],
    'line_ids': [Command.create({{'name': 'Cleaning', 'key_id': key.id}})]}})
budget.sudo().write({{'state': 'approved'}})
bill = env['account.move'].create({{
    'move_type': 'in_invoice', 'partner_id': owners[0].id, 'invoice_date': '2025-12-20',
    'date': '2025-12-20', 'property_project_id': project.id,
    'invoice_line_ids': [Command.create({{
        'name': 'Cleaning', 'price_unit': 1000 * {PAYERS}, 'tax_ids': [Command.clear()],
        'account_id': fund.account_id.id, 'property_budget_line_id': budget.line_ids.id}})]}})
bill.action_post()
budget._divide_costs()
env.cr.commit()
result = budget.id
"""


def settled(database):
    """How many payers are settled: charged, or credited."""
    return query(
        database, "SELECT count(*) FROM account_move WHERE property_budget_id IS NOT NULL")


def test_killed_true_up_resumes(database, server):
    """[B45] SIGKILL in a job and between jobs: each of 1,500 payers is settled exactly once."""
    budget_id = database.call(DIVIDED_BUDGET)
    database.call(
        f"env['property.budget'].browse({budget_id})._start_true_up("
        "fields.Date.to_date('2026-01-31'), 30); env.cr.commit()".replace(
            "fields.Date", "__import__('odoo').fields.Date"))
    started_jobs = (
        "SELECT count(*) FROM queue_job WHERE state = 'started' AND method_name = '_job_true_up'")
    moments = {
        "the first job": lambda: query(database, started_jobs),
        "a job after the first": lambda: settled(database) and query(database, started_jobs),
    }
    for moment, has_come in moments.items():
        wait_for(has_come, PATIENCE, moment)
        time.sleep(1)  # into the transaction
        server.kill()
        assert settled(database) == query(
            database, "SELECT count(DISTINCT partner_id) FROM account_move "
            "WHERE property_budget_id IS NOT NULL")
        server.start()
    wait_for(
        lambda: query(database, "SELECT state FROM property_budget WHERE id = %s", budget_id)
        == "trued_up", PATIENCE, "the budget to be trued up")
    for move_type in ("out_invoice", "out_refund"):
        assert query(
            database, "SELECT count(DISTINCT partner_id) FROM account_move "
            "WHERE property_budget_id = %s AND move_type = %s AND amount_total = 100",
            budget_id, move_type) == PAYERS / 2
    assert settled(database) == PAYERS
    assert database.call(
        f"result = sum(bool(account.amount) for account in "
        f"env['property.budget'].browse({budget_id})._plan_true_up())") == 0


METERS = 2000

# Each flat has a meter on 0 since 30 April, and 12 m³ on 31 May.
METER_WORKBOOK = f"""
import base64, io
import openpyxl
from odoo import Command
company = env['res.company'].create({{'name': 'Meters', 'country_id': env.ref('base.cn').id}})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({{'company_ids': [Command.link(company.id)], 'company_id': company.id}})
env = env(context={{**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True}})
project = env['property.project'].create({{'name': 'Meters', 'company_id': company.id}})
building = env['property.building'].create({{'name': '1', 'project_id': project.id}})
units = env['property.unit'].create([
    {{'name': str(number), 'building_id': building.id}} for number in range({METERS})])
owners = env['res.partner'].create([{{'name': unit.name}} for unit in units])
env['property.occupancy'].create([
    {{'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'}}
    for unit, owner in zip(units, owners)])
water = env['property.fee'].create({{
    'name': 'Water', 'company_id': company.id, 'nature': 'agency'}})
env['property.tariff'].create({{
    'name': 'By meter', 'fee_id': water.id, 'basis': 'metered',
    'version_ids': [Command.create({{'date_start': '2020-01-01', 'price': 5}})]}})
env['property.meter.type'].create({{
    'name': 'Killed', 'unit_name': 'm³', 'company_id': company.id, 'fee_id': water.id}})
book = openpyxl.Workbook()
book.remove(book.active)
meters, readings = book.create_sheet('Meters'), book.create_sheet('Readings')
meters.append(('Meter number', 'Meter type', 'Building number', 'Unit number', 'Tariff',
               'First reading', 'First read on', 'In use from'))
readings.append(('Meter number', 'Last read on', 'Last reading', 'Read on', 'Reading'))
for unit in units:
    meters.append((f'K-{{unit.name}}', 'Killed', '1', unit.name, 'By meter', 0, '2026-04-30',
                   '2026-05-01'))
    readings.append((f'K-{{unit.name}}', '2026-04-30', 0, '2026-05-31', 12))
stream = io.BytesIO()
book.save(stream)
record = env['property.import'].create({{
    'file': base64.b64encode(stream.getvalue()), 'file_name': 'meters.xlsx',
    'project_id': project.id, 'accept_warnings': True}})
record.state = 'checking'
record._job_check()
assert record.state == 'checked' and not record.error_count, (
    record.failure, record.issue_ids[:3].mapped('message'))
record.action_import()
assert record.state == 'importing'
env.cr.commit()
result = [record.id, project.id]
"""

PREVIEW_METERS = """
run = env['property.bill.run'].create({
    'project_id': %s, 'date_end': '2026-05-31', 'date_invoice': '2026-06-01'})
run.action_preview()
assert run.state == 'computing'
env.cr.commit()
result = run.id
"""


def test_killed_import_and_preview_resume(database, server):
    """[G17] [B13] Of 2,000 meters all come in with their readings, or none; each is previewed once.
    """
    record_id, project_id = database.call(METER_WORKBOOK)
    wait_for(
        lambda: query(database, "SELECT max(percent) FROM property_import_progress") > 40,
        PATIENCE, "the import to be under way")
    server.kill()
    assert query(database, "SELECT count(*) FROM property_meter") == 0
    server.start()
    wait_for(
        lambda: query(database, "SELECT state FROM property_import WHERE id = %s", record_id)
        == "done", PATIENCE, "the import to be done")
    for table, expected in (
        ("property_meter", METERS), ("property_meter_reading", 2 * METERS),
        ("property_fee_assignment WHERE meter_id > 0", METERS),
    ):
        assert query(database, f"SELECT count(*) FROM {table}") == expected

    run_id = database.call(PREVIEW_METERS % project_id)
    charges = "SELECT count(*) FROM property_charge WHERE run_id = %s"
    started_jobs = (
        "SELECT count(*) FROM queue_job WHERE state = 'started' AND method_name = '_job_preview'")
    wait_for(lambda: query(database, started_jobs), PATIENCE, "the first slice of the preview")
    server.kill()
    assert query(database, charges, run_id) < METERS
    server.start()
    wait_for(
        lambda: query(database, "SELECT state FROM property_bill_run WHERE id = %s", run_id)
        == "preview", PATIENCE, "the preview to be there")
    assert query(database, charges + " AND amount = 60 AND state = 'draft'", run_id) == METERS
    assert query(
        database, "SELECT count(DISTINCT assignment_id) FROM property_charge") == METERS
