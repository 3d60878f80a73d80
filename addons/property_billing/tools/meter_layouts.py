""" The sheets of meters and of what they show, in our own workbook. """
from odoo.addons.property_base.tools.layouts import (
    BUILDING,
    ENTRANCE,
    LOT,
    day,
    integer,
    number,
    selection,
    text,
)
from odoo.addons.property_base.tools.workbook import SheetSpec

MODES = {'read': ('Read', '抄表'), 'prepaid': ('Prepaid', '充值')}
REGISTERS = {
    'total': ('All hours', '总'), 'sharp': ('Sharp peak', '尖'), 'peak': ('Peak', '峰'),
    'level': ('Level', '平'), 'valley': ('Valley', '谷'),
}

METERS = SheetSpec('meters', ('Meters', '表具'), ('meter',), (
    text('number', 'Meter number', '表号', required=True),
    text('type', 'Meter type', '表具类型', required=True),
    BUILDING,
    LOT,
    ENTRANCE,
    text('unit', 'Unit number', '房号'),
    text('name', 'Name', '名称'),
    text('place', 'Where it hangs', '安装位置'),
    selection('mode', MODES, 'Mode', '模式'),
    number('multiplier', 'Multiplier', '倍率', digits=4, minimum=0.0001),
    integer('digits', 'Digits of the dial', '表盘整数位', minimum=1, maximum=9),
    integer('decimals', 'Decimals of the dial', '表盘小数位', maximum=3),
    text('parent', 'Main meter', '总表表号'),
    text('tariff', 'Tariff', '收费标准'),
    text('maker', 'Maker', '厂家'),
    text('collector', 'Collector ID', '采集器ID'),
    day('date_start', 'In use from', '启用日期'),
    text('first_value', 'First reading', '起始读数'),
    day('first_day', 'First read on', '起始日期'),
), key=('number', 'type'))

# The reading before is asked for where a meter was never read; else it shows whether the row is
# that of this meter.
READINGS = SheetSpec('readings', ('Readings', '抄表'), ('reading',), (
    text('number', 'Meter number', '表号', required=True),
    text('type', 'Meter type', '表具类型'),
    selection('register', REGISTERS, 'Rate period', '费率时段'),
    day('previous_day', 'Last read on', '上次抄表日期'),
    text('previous', 'Last reading', '上次读数'),
    day('day', 'Read on', '本次抄表日期'),
    text('value', 'Reading', '本次读数'),
    text('note', 'Remarks', '备注'),
), key=('number', 'type', 'register', 'day'))

METER_SHEETS = (METERS, READINGS)
