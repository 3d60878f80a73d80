"""What people look at all day: server time and SQL of each board's calls, as its user.

`room_board`: the room board of a building with N rooms, four fifths of them with an owner, a fifth
with a tenant; its calls are the board, the property tree beside it, a search, and one card. The
same board with a hundredth of the rooms (`room_board_small`) shows that the number of queries does
not grow. Each call runs on cold caches of records, as in a new request, and is measured up to the
JSON of its answer.
"""

import argparse
import json
import time

from common import environment, machine, medians, report

ROOMS_PER_FLOOR = 40


def make_building(env, project, name, n):
    """A building of N rooms with their people; returns it and one of its occupied rooms."""
    from odoo.addons.property_base.const import QUIET_CONTEXT

    env = env(context={**env.context, **QUIET_CONTEXT})
    building = env["property.building"].create({"project_id": project.id, "name": name})
    units = env["property.unit"].create([
        {
            "building_id": building.id,
            "name": f"{place // ROOMS_PER_FLOOR + 1}{place % ROOMS_PER_FLOOR + 1:02d}",
            "floor": str(place // ROOMS_PER_FLOOR + 1),
            "building_area": 80.56 + place % 60,
        }
        for place in range(n)
    ])  # fmt: skip
    people = env["res.partner"].create([
        {"name": f"Resident {name} {place}", "phone": str(13800000000 + place)}
        for place in range(n)
    ])  # fmt: skip
    env["property.occupancy"].create([
        {
            "unit_id": unit.id,
            "partner_id": person.id,
            "role": "tenant" if place % 5 == 0 else "owner",
            "date_start": "2024-01-01",
        }
        for place, (unit, person) in enumerate(zip(units, people, strict=True))
        if place % 5 != 1
    ])  # fmt: skip
    return building, units[0]


def make_user(env, project):
    """A clerk of the one project, so that every rule is asked."""
    groups = ("property_base.group_property_officer", "property_billing.group_billing_user")
    return env["res.users"].with_context(no_reset_password=True).create({
        "name": "Bench",
        "login": "bench",
        "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
        "property_project_ids": [(6, 0, project.ids)],
    })  # fmt: skip


def room_board(env, building, unit):
    """The calls of the room board, by name."""
    building, unit = building.with_env(env), unit.with_env(env)
    return {
        "board": lambda: building.browse().get_room_board(building_id=building.id),
        "tree": lambda: env["property.project"].get_property_tree(),
        "search": lambda: building.search_room_board("1380000"),
        "card": unit.get_board_details,
    }


def measure(env, calls):
    """Milliseconds of each call, of all that a first look takes, and queries."""
    from odoo import sql_db

    figures = {}
    queries = 0
    for name, call in calls.items():
        env.invalidate_all()
        before, start = sql_db.sql_counter, time.perf_counter()
        json.dumps(call(), default=str)
        figures[f"{name}_ms"] = (time.perf_counter() - start) * 1000
        figures[f"{name}_sql"] = sql_db.sql_counter - before
        queries += figures[f"{name}_sql"]
    times = [figures[f"{name}_ms"] for name in calls]
    return {"all_ms": sum(times), "all_sql": queries, **figures}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with environment() as env:
        project = env["property.project"].create({"name": "Bench"})
        user_env = env(user=make_user(env, project).id)
        boards = {
            "room_board": room_board(user_env, *make_building(env, project, "Large", options.n)),
            "room_board_small": room_board(
                user_env, *make_building(env, project, "Small", max(options.n // 100, 2))
            ),
        }
        env.flush_all()
        env.cr.execute("ANALYZE")
        samples = {way: [] for way in boards}
        for _round in range(options.rounds + 1):
            for way, calls in boards.items():
                samples[way].append(measure(user_env, calls))
        # The first round filled the caches of rights and rules, as a worker's first request does.
        results = {way: medians(figures[1:]) for way, figures in samples.items()}
        ratios = {
            "worst_ms": max(results[way]["all_ms"] for way in results),
            "sql_growth": results["room_board"]["all_sql"] / results["room_board_small"]["all_sql"],
        }
        report("boards", options.n, results, ratios, machine(env))
        env.cr.rollback()


if __name__ == "__main__":
    main()
