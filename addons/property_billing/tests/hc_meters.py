""" HC's sheet of meters, written anew: its headings, its sample row and the notes beside it. """
from odoo.addons.property_base.tests.hc_workbook import make_hc_workbook

METERS = '水电表'
TABLES = {METERS: [
    ('名称', '表号', '表类型', '模式', '房屋', '费用项', '厂家', '采集器ID'),
    ('1-1-1智能水表', 1212, 1001, 1001, 33, '有', 110, 10102),
]}
NOTES = {METERS: {
    'L5': ('说明', '请一定看下面说明'),
    'L6': ('名称', '智能表名称，推荐为房屋+电表或者水表'),
    'L7': ('表号', '智能表地址'),
    'L8': ('表类型', '请填写费用下的抄表类型的名称'),
    'L9': ('模式', '充值模式为1001\n抄表模式为2002'),
    'L10': ('房屋', '格式为1-1-1001'),
    'L11': ('费用项', '费用项名称'),
    'L12': ('厂家', '拓强电表-单相远程单费率预付费表 为 2\n拓强水表-Lora无预付费水表 为 3\n'
            '拓强水表-Lora普通预付费水表 为 4\n拓强电表-单相单费率电表 为 1'),
    'L13': ('采集器ID', '表采集器ID'),
}}


def make_hc_meters(cells=()):
    return make_hc_workbook(
        {f'{METERS}!{cell}': value for cell, value in dict(cells).items()}, TABLES, NOTES)
