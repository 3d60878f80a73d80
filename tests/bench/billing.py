"""The whole bill run against OCA's contract, core batches, and COPY of the same rows.

One invoice has three fees of one tax rate. Ours are computed from area, price and period, stored
with their explanations, previewed, posted and committed, by the same jobs that a server runs. The
others are spared the computing: their amounts are given. Each sample has a clone of one database
and a process of its own, so memory is its own too.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from common import another_database, environment, install, machine, measured, medians, report

BILLED = date(2026, 1, 1)
BATCH = 500
FEES = (("Property fee", "area", 1.3), ("Parking", "fixed", 150.0), ("Waste", "fixed", 8.0))
COPIED = ("account_move", "account_move_line", "account_move_line_account_tax_rel")


# === THE DATA === #


def seed(env, n):
    """A company with n rooms and owners, their fees, and the same as contracts."""
    company = env["res.company"].create({"name": "Bench", "country_id": env.ref("base.cn").id})
    env["account.chart.template"].try_loading("cn", company)
    env.user.company_ids |= company
    env.cr.commit()
    env = in_company(env)
    tax = env["account.chart.template"].ref("property_billing_tax_6")
    project = env["property.project"].create({"name": "Bench", "company_id": company.id})
    building = env["property.building"].create({"name": "1", "project_id": project.id})
    partners = env["res.partner"].create([{"name": f"Owner {index}"} for index in range(n)])
    units = env["property.unit"].create([
        {"name": f"{index:05}", "building_id": building.id, "building_area": 60 + index % 90}
        for index in range(n)
    ])
    env["property.occupancy"].create([
        {"unit_id": unit.id, "partner_id": partner.id, "date_start": "2020-01-01"}
        for unit, partner in zip(units, partners, strict=True)
    ])
    products = env["product.product"]
    for name, basis, price in FEES:
        fee = env["property.fee"].create({
            "name": name, "company_id": company.id, "tax_id": tax.id,
        })
        tariff = env["property.tariff"].create({
            "name": name, "fee_id": fee.id, "basis": basis,
            "version_ids": [(0, 0, {"date_start": "2020-01-01", "price": price})],
        })
        env["property.fee.assignment"].create([
            {"unit_id": unit.id, "tariff_id": tariff.id, "date_start": BILLED} for unit in units
        ])
        products += env["product.product"].create({
            "name": name, "type": "service", "taxes_id": [(6, 0, tax.ids)],
            "property_account_income_id": fee.account_id.id,
        })
    env["contract.contract"].create([
        {
            "name": unit.name, "partner_id": partner.id, "company_id": company.id,
            "journal_id": company.property_bill_journal_id.id,
            "line_recurrence": True,
            "contract_line_ids": [
                (0, 0, {"product_id": product.id, "name": product.name, "quantity": 1,
                        "price_unit": amount, "uom_id": product.uom_id.id,
                        "recurring_rule_type": "monthly", "recurring_interval": 1,
                        "date_start": BILLED, "recurring_next_date": BILLED})
                for product, amount in zip(products, get_amounts(unit), strict=True)
            ],
        }
        for unit, partner in zip(units, partners, strict=True)
    ])
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def in_company(env):
    company = env["res.company"].search([("name", "=", "Bench")])
    return env["base"].with_company(company).with_context(allowed_company_ids=company.ids).env


def get_amounts(unit):
    return [
        round(unit.building_area * price, 2) if basis == "area" else price
        for _name, basis, price in FEES
    ]


# === THE WAYS === #


def ours(env, folder):
    """A bill run by its jobs; `share` takes jobs beside it."""
    run = env["property.bill.run"].create({
        "project_id": env["property.project"].search([("name", "=", "Bench")]).id,
        "date_end": "2026-01-31", "date_invoice": BILLED,
    })
    run.action_preview()
    commit(env)
    work(env, until=lambda: run.state == "preview")
    run.action_post()
    commit(env)
    work(env, until=lambda: run.state == "posted")


def undo(env, folder):
    """The reversal of the run that `ours` posted before the clock was started."""
    run = env["property.bill.run"].search([("state", "=", "posted")])
    run._undo("bench", BILLED)
    commit(env)
    work(env, until=lambda: not run.charge_ids.filtered(lambda charge: charge.state == "posted"))


def share(env, folder):
    """The second worker: takes jobs until the run is posted."""
    runs = env["property.bill.run"]
    work(env, until=lambda: runs.search_count([("state", "=", "posted")]))


def work(env, until):
    """What the job runner's workers do, in this process; a collision is tried again."""
    from psycopg2 import OperationalError

    from odoo.addons.queue_job.exception import RetryableJobError

    while True:
        try:
            if not perform_next_job(env):
                if until():
                    return
                time.sleep(0.005)
            commit(env)
        except (OperationalError, RetryableJobError):
            env.cr.rollback()
            env.clear()


def perform_next_job(env):
    from odoo.addons.queue_job.job import Job

    waiting = env["queue.job"].search([("state", "=", "pending")], order="id", limit=10)
    taken = waiting.try_lock_for_update(limit=1)
    if taken:
        job = Job.load(env, taken.uuid)
        job.perform()
        job.set_done()
        job.store()
    return taken


def commit(env):
    env.cr.commit()
    env.invalidate_all()


def contract(env, folder):
    env["contract.contract"].cron_recurring_create_invoice(BILLED)
    env["account.move"].search([("state", "=", "draft")]).action_post()
    commit(env)


def core(env, folder):
    """Batches by `create` and `action_post`; leaves their rows for `copy`."""
    tax = env["account.chart.template"].ref("property_billing_tax_6")
    company = env.company
    units = env["property.unit"].search([], order="id")
    for start in range(0, len(units), BATCH):
        moves = env["account.move"].create([
            {
                "move_type": "out_invoice", "partner_id": unit.occupancy_ids.partner_id.id,
                "journal_id": company.property_bill_journal_id.id, "invoice_date": BILLED,
                "invoice_line_ids": [
                    (0, 0, {"name": fee[0], "quantity": 1, "price_unit": amount,
                            "account_id": company.property_income_account_id.id,
                            "tax_ids": [(6, 0, tax.ids)]})
                    for fee, amount in zip(FEES, get_amounts(unit), strict=True)
                ],
            }
            for unit in units[start:start + BATCH]
        ])
        moves.action_post()
        commit(env)


def export_rows(env, folder):
    for table in COPIED:
        with folder.joinpath(table).open("wb") as file:
            env.cr._obj.copy_expert(f"COPY {table} TO STDOUT", file)


def copy(env, folder):
    """The limit: the rows of the core's invoices, with every index and key, and nothing else."""
    for table in COPIED:
        with folder.joinpath(table).open("rb") as file:
            env.cr._obj.copy_expert(f"COPY {table} FROM STDIN", file)
    commit(env)


WAYS = {
    "ours": ours, "undo": undo, "share": share, "contract": contract, "core": core, "copy": copy,
}


# === PROCESSES === #


def child(way, database, folder, n):
    """One sample: says when it is ready, begins when it is told to, prints its figures."""
    from odoo import sql_db

    with environment(database) as env:
        env = in_company(env)
        env["account.move.line"].search_count([])
        env.cr.commit()
        if way == "undo":
            ours(env, folder)
        print("ready", flush=True)
        sys.stdin.readline()
        queries = sql_db.sql_counter
        with measured() as figures:
            WAYS[way](env, folder)
        figures["sql_per_invoice"] = (sql_db.sql_counter - queries) / n
        if way != "share":
            billed = env["account.move"].search_count([
                ("state", "=", "posted"), ("company_id", "=", env.company.id)])
            expected = 2 * n if way == "undo" else n
            assert billed == expected, f"{way} made {billed} invoices instead of {expected}"
        if way == "core":
            export_rows(env, folder)
    print(json.dumps(figures), flush=True)


def sample(ways, database, folder, n):
    """Start a process per way, let them go together, add up their figures."""
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, "-n", str(n), "--way", way, "--database", database,
             "--folder", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for way in ways
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n", "a process of the bench did not start"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate()[0] for process in processes]
    assert not any(process.returncode for process in processes), "a process of the bench failed"
    samples = [json.loads(output) for output in outputs]
    wall = samples[0]["wall_s"]
    return {
        "invoices_per_s": n / wall,
        "cpu_ms_per_invoice": sum(figures["cpu_s"] for figures in samples) * 1000 / n,
        "sql_per_invoice": sum(figures["sql_per_invoice"] for figures in samples),
        "peak_mib": max(figures["peak_mib"] for figures in samples),
    }


RACES = {
    "ours": ["ours"],
    "ours, undone": ["undo"],
    "ours, two workers": ["ours", "share"],
    "OCA contract": ["contract"],
    "core batch": ["core"],
    "COPY": ["copy"],
}


def race(n, rounds):
    samples = {name: [] for name in RACES}
    with another_database(f"seed_{n}") as seeded, tempfile.TemporaryDirectory() as folder:
        install("contract", database=seeded)
        subprocess.run(
            [sys.executable, __file__, "-n", str(n), "--seed", "--database", seeded], check=True)
        for _round in range(rounds):
            for name, ways in RACES.items():
                with another_database("way", template=seeded) as database:
                    samples[name].append(sample(ways, database, Path(folder), n))
    return {name: medians(figures) for name, figures in samples.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, help="invoices (default: 1,000 and then 10,000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--seed", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seed:
        with environment(options.database) as env:
            seed(env, options.n)
    elif options.way:
        child(options.way, options.database, options.folder, options.n)
    else:
        results = {}
        for n in [options.n] if options.n else [1_000, 10_000]:
            results |= {
                f"{name}, {n:,}": figures
                for name, figures in race(n, options.rounds if n <= 1_000 else 1).items()
            }
        with environment() as env:
            report("billing", n, results, get_ratios(results, n), machine(env))


def get_ratios(results, n):
    def get(name, figure):
        return results[f"{name}, {n:,}"][figure]

    speed = "invoices_per_s"
    return {
        "cpu_vs_oca_contract":
            get("OCA contract", "cpu_ms_per_invoice") / get("ours", "cpu_ms_per_invoice"),
        "wall_vs_oca_contract": get("ours", speed) / get("OCA contract", speed),
        "copy_vs_ours": get("COPY", speed) / get("ours", speed),
        "two_workers_vs_one": get("ours, two workers", speed) / get("ours", speed),
    }


if __name__ == "__main__":
    main()
