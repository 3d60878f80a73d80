"""A bill run whose server is killed goes on by itself, without a charge lost or doubled."""

import time

from browser import wait_for

UNITS = 620  # two full jobs of bills and a small one
PATIENCE = 240

PREVIEWED_RUN = f"""
from odoo import Command
company = env['res.company'].create({{'name': 'Kill', 'country_id': env.ref('base.cn').id}})
env['account.chart.template'].try_loading('cn', company)
env.cr.precommit.run()
env.user.write({{'company_ids': [Command.link(company.id)], 'company_id': company.id}})
env = env(context={{**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True}})
project = env['property.project'].create({{'name': 'Kill', 'company_id': company.id}})
building = env['property.building'].create({{'name': '1', 'project_id': project.id}})
units = env['property.unit'].create([
    {{'name': str(number), 'building_id': building.id, 'building_area': 50 + number / 100}}
    for number in range({UNITS})])
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
    {{'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': '2026-05-01'}} for unit in units])
run = env['property.bill.run'].create({{
    'project_id': project.id, 'date_end': '2026-05-31', 'date_invoice': '2026-05-01'}})
run.action_preview()
env.cr.commit()
result = run.id
"""


def query(database, sql, *values):
    return database.server.query(sql, *values, database=database.database)[0][0]


def posted(database):
    return query(database, "SELECT count(*) FROM property_charge WHERE state = 'posted'")


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
           AND line.move_id = charge.move_id AND line.parent_state = 'posted'""")


def test_killed_posting_resumes(database, server):
    """[B13] [B14] SIGKILL in a job, between jobs and before the end: all is posted exactly once."""
    run_id = database.call(PREVIEWED_RUN)
    database.call(f"env['property.bill.run'].browse({run_id}).action_post(); env.cr.commit()")
    moments = {
        "the first job": lambda: started(database),
        "a job after the first": lambda: posted(database) and started(database),
        "the last bill": lambda: posted(database) == UNITS,
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
    assert posted(database) == UNITS
    assert_sound(database)
    names, span = (
        query(database, f"SELECT {figure} FROM account_move WHERE property_run_id = %s", run_id)
        for figure in ("count(DISTINCT name)", "max(sequence_number) - min(sequence_number) + 1"))
    assert names == span == UNITS, "numbers are unique and without a hole"
