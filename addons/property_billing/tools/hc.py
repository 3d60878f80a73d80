""" The fees of HC workbooks: the sheet of fees, and what a room's row says of them; its meters. """
from dataclasses import replace
from datetime import timedelta

from odoo.addons.property_base.tools.layouts import (
    day,
    integer,
    leave_out_entrance_zero,
    number,
    path,
    selection,
    text,
)
from odoo.addons.property_base.tools.workbook import SheetSpec, convert_date

FEES = SheetSpec('hc_fees', ('费用设置',), ('fee',), (
    text('fee', '费用编号', required=True),
    selection('category', {'public': ('物业费',)}, '费用类型', required=True),
    text('name', '收费项目', required=True),
    selection('repeats', {'yes': ('周期性费用',), 'no': ('一次性费用',)}, '费用标识',
              required=True),
    selection('timing', {'advance': ('预付费',), 'arrears': ('后付费',)}, '付费类型',
              required=True),
    integer('cycle_months', '缴费周期', required=True, minimum=1, maximum=120),
    # When HC lists the charge; here the bill run decides that.
    text('listing', '出账类型'),
    day('date_start', '计费起始时间', required=True),
    day('date_end', '计费结束时间', required=True),
    selection('basis', {'area': ('1001',), 'fixed': ('2002',)}, '计算公式', required=True),
    number('price', '计费单价', expected=True, digits=6),
    number('amount', '固定费用', expected=True, digits=6),
), key=('fee',))

# The end is the next period's first day.
HISTORY = SheetSpec('hc_fee_history', ('房屋缴费历史',), ('history',), (
    path('room', '房屋', parts=('building', 'entrance', 'unit'), required=True),
    text('fee_name', '收费项目', required=True),
    integer('cycle_months', '缴费周期', expected=True),
    day('date_start', '开始时间', required=True),
    day('date_end', '结束时间', required=True),
    day('date_paid', '缴费时间', expected=True),
    number('amount', '应缴金额', required=True),
    number('amount_paid', '实缴金额', required=True),
    text('cashier', '收银员'),
    text('note', '备注'),
), key=('building', 'entrance', 'unit', 'fee_name', 'date_start'), derive=leave_out_entrance_zero)

# Modes and types stand in the notes beside the sheet; its one row is a sample that names none.
METERS = SheetSpec('hc_meters', ('水电表',), ('meter',), (
    text('name', '名称', required=True),
    text('number', '表号', required=True),
    text('type', '表类型', required=True),
    selection('mode', {'prepaid': ('1001', '充值'), 'read': ('2002', '抄表')}, '模式',
              required=True),
    path('room', '房屋', parts=('building', 'entrance', 'unit'), required=True),
    text('tariff', '费用项', required=True),
    text('maker', '厂家', expected=True),
    text('collector', '采集器ID', expected=True),
), key=('number', 'type'), derive=leave_out_entrance_zero)

ROOM_COLUMNS = (
    text('fees', '房屋费用', expected=True, none=frozenset({'0'})),
    text('fee_starts', '费用开始时间', expected=True),
)


def add_room_columns(spec):
    """ The sheet of rooms with what it says of their fees: which, and from when. """
    return replace(
        spec, columns=(*spec.columns, *ROOM_COLUMNS), feeds=(*spec.feeds, 'assignment'))


def get_version(row):
    """ The price of a fee's row, as the values of a tariff version.

    HC's end is the first day that is no longer charged; ours is the last one that is. Formula
    1001 is area × price + surcharge, 2002 the fixed amount.
    """
    is_fixed = row.get('basis') == 'fixed'
    amount = row.get('amount') or 0.0
    return {
        'date_start': row.get('date_start'),
        'date_end': row.get('date_end') - timedelta(days=1),
        'price': amount if is_fixed else row.get('price') or 0.0,
        'surcharge': 0.0 if is_fixed else amount,
    }


def parse_room_fees(fees, starts):
    """ ([(fee number, first day)], fault): '1#2' with '2020-06-10#2020-07-10'.

    A fault is (code, column, values).
    """
    numbers = [part.strip() for part in (fees or '').split('#') if part.strip() not in ('', '0')]
    if not numbers:
        return [], None
    texts = [part.strip() for part in (starts or '').split('#') if part.strip()]
    if len(numbers) != len(texts):
        return [], ('fee_starts_count', 'fee_starts', {'fees': len(numbers), 'starts': len(texts)})
    days = []
    for value in texts:
        start, fault = convert_date(value)
        if fault:
            return [], (fault, 'fee_starts', {'value': value})
        days.append(start)
    if len(set(numbers)) < len(numbers):
        return [], ('fee_twice', 'fees', {'fees': fees})
    return list(zip(numbers, days, strict=True)), None
