"""Every page of the portal for a person with one home and for one with N, against Odoo's `/my`.

Each page is a whole request through Odoo's WSGI application: session, rights, controller, template.
Odoo's `/my` is that of the same two people in the same run, turn and turn about, with what we add
to it switched off. Each home has a posted, published and unpaid bill, and a meter with the readings
of a year that its owner may read now; each person has feedback of as many days as he has homes.
"""

import argparse
import statistics
import time
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from billing import commit, in_company, work
from common import environment, machine, report

BILLED = date(2026, 1, 1)
ODOO = "Odoo's /my"


def seed(env, counts):
    """A company, and per count a portal user who owns as many homes; returns their logins."""
    company = env["res.company"].create({"name": "Bench", "country_id": env.ref("base.cn").id})
    env["account.chart.template"].try_loading("cn", company)
    env.user.company_ids |= company
    env.cr.commit()
    env = in_company(env)
    project = env["property.project"].create({"name": "Bench", "company_id": company.id})
    fee = env["property.fee"].create({
        "name": "Property fee", "company_id": company.id,
        "tax_id": env["account.chart.template"].ref("property_billing_tax_6").id,
    })
    tariff = env["property.tariff"].create({
        "name": "Property fee", "fee_id": fee.id, "basis": "area",
        "version_ids": [(0, 0, {"date_start": "2020-01-01", "price": 1.3})],
    })
    meter_type = env["property.meter.type"].create({
        "name": "Bench meter", "unit_name": "m³", "company_id": company.id})
    users = {
        count: make_owner(env, project, tariff, meter_type, count) for count in counts}
    today = date.today()
    env["property.meter.round"].create({
        "project_id": project.id, "type_id": meter_type.id, "date_start": today,
        "date_end": today, "window_start": today, "window_end": today + timedelta(days=1),
    })
    run = env["property.bill.run"].create({
        "project_id": project.id, "date_end": "2026-01-31", "date_invoice": BILLED,
    })
    run.action_preview()
    commit(env)
    work(env, until=lambda: run.state == "preview")
    run.action_post()
    commit(env)
    work(env, until=lambda: run.state == "posted")
    run.action_publish()
    commit(env)
    work(env, until=lambda: run.state == "published")
    settle(env, project, fee)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return users


def settle(env, project, fee):
    """A published budget of two costs with ten bills each, settled, and a fund that is shown."""
    key = env["property.share.key"].create({"name": "By area", "project_id": project.id})
    fund = env["property.fund"].create({
        "name": "Revenue", "project_id": project.id, "kind": "public_revenue",
        "is_published": True, "may_overdraw": True,
    })
    budget = env["property.budget"].create({
        "name": "Budget", "project_id": project.id,
        "date_start": BILLED, "date_end": date(2026, 1, 31),
        "advance_fee_ids": [(6, 0, fee.ids)], "fund_id": fund.id,
        "line_ids": [
            (0, 0, {"name": name, "key_id": key.id, "amount_planned": 1000})
            for name in ("Cleaning", "Lift")],
    })
    budget.action_submit()
    budget.action_approve()
    supplier = env["res.partner"].create({"name": "Supplier", "is_company": True})
    env["account.move"].create([
        {
            "move_type": "in_invoice", "partner_id": supplier.id, "ref": f"{line.name} {index}",
            "invoice_date": BILLED, "date": BILLED, "property_project_id": project.id,
            "invoice_line_ids": [(0, 0, {
                "name": line.name, "quantity": 1, "price_unit": 100 + index,
                "tax_ids": [(5, 0, 0)], "account_id": fund.account_id.id,
                "property_budget_line_id": line.id,
            })],
        }
        for line in budget.line_ids for index in range(10)
    ]).action_post()
    budget.action_divide_costs()
    budget.action_publish()
    budget._start_true_up(date(2026, 1, 31), 30)
    commit(env)
    work(env, until=lambda: budget.state == "trued_up")


def make_owner(env, project, tariff, meter_type, count):
    user = env["res.users"].with_context(no_reset_password=True).create({
        "name": f"Owner of {count}", "login": f"owner{count}", "lang": "zh_CN",
        "email": f"owner{count}@example.com", "tz": "Asia/Shanghai",
        "company_id": env.company.id, "company_ids": [(6, 0, env.company.ids)],
        "group_ids": [(6, 0, [env.ref("base.group_portal").id])],
    })
    building = env["property.building"].create(
        {"name": f"{count}", "project_id": project.id})
    units = env["property.unit"].create([
        {"name": f"{index:05}", "building_id": building.id, "building_area": 60 + index % 90}
        for index in range(count)
    ])
    env["property.occupancy"].create([
        {"unit_id": unit.id, "partner_id": user.partner_id.id, "date_start": "2020-01-01"}
        for unit in units
    ])
    env["property.fee.assignment"].create([
        {"unit_id": unit.id, "tariff_id": tariff.id, "date_start": BILLED} for unit in units
    ])
    meters = env["property.meter"].create([
        {"number": f"W-{count}-{unit.name}", "type_id": meter_type.id, "unit_id": unit.id,
         "date_start": "2020-01-01"} for unit in units
    ])
    for month in range(13):
        day = date.today() - timedelta(days=400 - 30 * month)
        env["property.meter.reading"]._enter([
            {"meter_id": meter.id, "register": "total", "date": day, "value": str(9 * month),
             "kind": "read" if month else "first"} for meter in meters
        ])
    env["property.feedback"].create([
        {
            "kind": "problem", "description": f"Report {index}", "user_id": user.id,
            "partner_id": user.partner_id.id, "date": BILLED - timedelta(days=index),
        }
        for index in range(count)
    ])
    env["property.agreement"]._get_pending(user)._accept(user, "127.0.0.1")
    return user


def get_pages(env, user):
    """The addresses of the person's pages, by what the table calls them."""
    partner = [("partner_id", "=", user.partner_id.id)]
    unit = env["property.occupancy"].search(partner, limit=1).unit_id
    charge = env["property.charge"].search(partner, limit=1)
    feedback = env["property.feedback"].search(partner, limit=1)
    meter = env["property.meter"].search([("unit_id", "=", unit.id)])
    budget = env["property.budget"].search([("project_id", "=", unit.project_id.id)])
    return {
        ODOO: "/my",
        "/my": "/my",
        "/my/homes": "/my/homes",
        "/my/homes/N": f"/my/homes/{unit.id}",
        "/my/dues": "/my/dues",
        "/my/dues/N": f"/my/dues/{charge.id}",
        "/my/bills": "/my/bills",
        "/my/invoices/N": f"/my/invoices/{charge.move_id.id}",
        "/my/payments": "/my/payments",
        "/my/submissions": "/my/submissions",
        "/my/feedback": "/my/feedback",
        "/my/feedback/N": f"/my/feedback/{feedback.id}",
        "/my/feedback/new": "/my/feedback/new?kind=suggestion",
        "/my/messages": "/my/messages",
        "/my/meters": "/my/meters",
        "/my/meters/N": f"/my/meters/{meter.id}",
        "/my/budgets": "/my/budgets",
        "/my/budgets/N": f"/my/budgets/{budget.id}",
        "/my/budgets/N/costs/N": f"/my/budgets/{budget.id}/costs/{budget.line_ids[0].id}",
        "/my/funds/N": f"/my/funds/{budget.fund_id.id}?year=2026",
        "/my/repair/new": "/my/repair/new",
    }


def sign_in(env, user):
    """A client of the WSGI application with the person's session."""
    from werkzeug.test import Client

    from odoo import http
    from odoo.service import security

    session = http.root.session_store.new()
    session.update(http.get_default_session(), db=env.cr.dbname, _trace_disable=True)
    own = env(user=user.id)
    session.uid, session.login = user.id, user.login
    session.session_token = security.compute_session_token(session, own)
    session.context = dict(own["res.users"].context_get())
    http.root.session_store.save(session)
    client = Client(http.root)
    client.set_cookie("session_id", session.sid)
    return client


@contextmanager
def without_ours():
    """Odoo's own `/my`: nothing of homes, tiles and requests."""
    from odoo.addons.property_base.controllers.portal import PropertyPortal

    nothing = {"property_homes": None, "property_home_tiles": []}
    with patch.object(
        PropertyPortal, "_prepare_property_homes_values", lambda self: dict(nothing)
    ):
        yield


def get(client, url):
    """Milliseconds and queries of a request."""
    from odoo import sql_db

    queries, start = sql_db.sql_counter, time.perf_counter()
    response = client.get(url)
    response.get_data()
    elapsed = (time.perf_counter() - start) * 1000
    assert response.status_code == 200, f"{url}: {response.status}, {response.headers}"
    return elapsed, sql_db.sql_counter - queries


def measure(client, pages, rounds):
    """p50, p99 and queries of each page; the first round warms the caches."""
    samples = {page: [] for page in pages}
    for _round in range(rounds + 1):
        for page, url in pages.items():
            if page == ODOO:
                with without_ours():
                    samples[page].append(get(client, url))
            else:
                samples[page].append(get(client, url))
    results = {}
    for page, figures in samples.items():
        times = sorted(elapsed for elapsed, _queries in figures[1:])
        results[page] = {
            "p50_ms": statistics.median(times),
            "p99_ms": times[min(int(len(times) * 0.99), len(times) - 1)],
            "sql": statistics.median(queries for _elapsed, queries in figures[1:]),
        }
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    with environment() as env:
        from odoo.service.server import load_server_wide_modules

        load_server_wide_modules()
        few, many = 1, options.n
        users = seed(env, (few, many))
        by_count = {}
        for count, user in users.items():
            env.cr.commit()
            by_count[count] = measure(
                sign_in(env, user), get_pages(env, user), options.rounds)
        results = {
            f"{page}, {count} homes": figures
            for count, pages in by_count.items() for page, figures in pages.items()
        }
        vs_my = {
            (page, count): figures["p50_ms"] / pages[ODOO]["p50_ms"]
            for count, pages in by_count.items() for page, figures in pages.items()
            if page != ODOO
        }
        growth = {
            page: by_count[many][page]["sql"] / by_count[few][page]["sql"]
            for page in by_count[few]
        }
        ratios = {
            "p50_vs_my": max(vs_my.values()),
            "sql_growth": max(growth.values()),
        }
        report("portal", options.n, results, ratios, machine(env))


if __name__ == "__main__":
    main()
