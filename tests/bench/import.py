"""10,000 rooms with their owners from a workbook, against Odoo's `load()` of the same rows.

Ours reads the workbook, checks every row as each import does, and imports it; the dry run before it
is `check_s`, apart. `load()` is spared the workbook and gets the rows as lists, in two ways: naming
buildings, rooms and owners as the workbook does (`load`), and by external ids that somebody has
made beforehand, which spares it every search (`load_ids`).
"""

import argparse
import base64
import io
import time
from functools import partial

import openpyxl
from common import environment, machine, measured, medians, report

PER_BUILDING = 100
OWNER_HEADINGS = ("业主编号", "业主名称", "性别", "年龄", "手机号", "身份证号")
ROOM_HEADINGS = (
    "房屋编号", "楼栋编号", "单元编号", "房屋楼层", "房屋户型", "建筑面积", "业主编号", "房屋费用",
    "费用开始时间",
)  # fmt: skip


def get_rooms(n):
    """(building, floor, number, area) of each room; its owner has the room's index."""
    for index in range(n):
        place = index % PER_BUILDING
        floor = place // 4 + 1
        yield index // PER_BUILDING + 1, floor, f"{floor}{place % 4 + 1:02d}", 80.56 + index % 60


def make_workbook(n):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("楼栋单元")
    sheet.append(("楼栋号", "单元编号", "总层数", "是否有电梯"))
    for building in range(1, (n - 1) // PER_BUILDING + 2):
        sheet.append((building, 1, 25, "有"))
    sheet = book.create_sheet("业主信息")
    sheet.append(OWNER_HEADINGS)
    for owner in range(n):
        sheet.append((owner + 1, f"业主{owner}", "男", 30, 13800000000 + owner, f"{owner:018d}"))
    sheet = book.create_sheet("房屋信息")
    sheet.append(ROOM_HEADINGS)
    for owner, (building, floor, number, area) in enumerate(get_rooms(n), start=1):
        sheet.append((number, building, 1, floor, 1010, area, owner, 0, None))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def prepare_workbook(env, project, n):
    record = env["property.import"].create({
        "file": base64.b64encode(make_workbook(n)),
        "file_name": "bench.xlsx",
        "project_id": project.id,
    })
    start = time.perf_counter()
    record._job_check(background=True)
    assert record.state == "checked" and not record.error_count, record.failure
    return record, {"check_s": time.perf_counter() - start}


def import_workbook(record):
    record._job_import(background=True)
    assert record.state == "done", record.failure


def prepare_rows(env, project, n, by_name):
    buildings = range(1, (n - 1) // PER_BUILDING + 2)
    layout = env["property.dictionary.item"].create({"dictionary": "layout", "name": "1010"})
    company = project.company_id.id
    rooms = list(get_rooms(n))
    suffix = "" if by_name else "/id"

    def name(by_id, named):
        return named if by_name else by_id

    tables = (
        ("property.building", ["id", "name", "code", "floor_count", "project_id/.id"],
         [[f"b{b}", f"{b}栋", str(b), "25", project.id] for b in buildings]),
        ("property.entrance", ["id", "name", "code", "building_id/id", "floor_count", "has_lift"],
         [[f"e{b}", "1单元", "1", f"b{b}", "25", "1"] for b in buildings]),
        ("property.unit", ["id", "name", f"building_id{suffix}", "entrance_id/id", "floor",
                           "layout_id/.id", "building_area"],
         [[f"u{i}", number, name(f"b{b}", f"{b}栋"), f"e{b}", str(floor), layout.id, str(area)]
          for i, (b, floor, number, area) in enumerate(rooms)]),
        ("res.partner", ["id", "name", "phone", "company_id/.id"],
         [[f"p{i}", f"业主{i}", str(13800000000 + i), company] for i in range(n)]),
        ("property.resident", [f"partner_id{suffix}", "sex", "identity_number"],
         [[name(f"p{i}", f"业主{i}"), "male", f"{i:018d}"] for i in range(n)]),
        ("property.occupancy", [f"unit_id{suffix}", f"partner_id{suffix}", "role", "date_start"],
         [[name(f"u{i}", f"{b}栋-1单元-{number}"), name(f"p{i}", f"业主{i}"), "owner", "2020-01-01"]
          for i, (b, _floor, number, _area) in enumerate(rooms)]),
    )  # fmt: skip
    return (env, tables), {}


def load_rows(prepared):
    env, tables = prepared
    for model, names, rows in tables:
        result = env[model].load(names, rows)
        assert result["ids"], result["messages"]


WAYS = {
    "ours": (prepare_workbook, import_workbook),
    "load": (partial(prepare_rows, by_name=True), load_rows),
    "load_ids": (partial(prepare_rows, by_name=False), load_rows),
}


def run(way, n):
    """The figures of one way in a transaction that is rolled back."""
    from odoo import sql_db

    with environment() as env:
        project = env["property.project"].create({"name": "Bench"})
        prepare, execute = WAYS[way]
        prepared, extra = prepare(env, project, n)
        env.flush_all()
        env.invalidate_all()
        before = sql_db.sql_counter
        with measured() as figures:
            execute(prepared)
            env.flush_all()
        figures["sql"] = sql_db.sql_counter - before
        assert env["property.occupancy"].search_count([("project_id", "=", project.id)]) == n
        env.cr.rollback()
    figures["rooms_per_s"] = n / figures["wall_s"]
    return {**figures, **extra}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    samples = {way: [] for way in WAYS}
    for _round in range(options.rounds):
        for way in WAYS:
            samples[way].append(run(way, options.n))
    results = {name: medians(figures) for name, figures in samples.items()}
    ratios = {
        f"{prefix}vs_{way}": results[way][figure] / results["ours"][figure]
        for way in ("load", "load_ids")
        for prefix, figure in (("", "wall_s"), ("cpu_", "cpu_s"), ("sql_", "sql"))
    }
    with environment() as env:
        report("import", options.n, results, ratios, machine(env))


if __name__ == "__main__":
    main()
