""" HC's history of payments, written anew: its headings, figures and side notes. """
from odoo.addons.property_base.tests.hc_workbook import make_hc_workbook

HISTORY = '房屋缴费历史'
FEE = '和HC费用项费用名称一致'
TABLES = {HISTORY: [
    ('房屋', '收费项目', '缴费周期', '开始时间', '结束时间', '缴费时间', '应缴金额',
     '实缴金额', '收银员', '备注'),
    ('1-1-1001', FEE, 12, 42370, 42736, 42736, 1000, 1000, '张三', '手工导入'),
    ('1-1-1001', FEE, 12, 42736, 43101, 42736, 1000, 1000, '张三', '手工导入'),
    ('1-1-1001', FEE, 12, 43101, 43466, 42736, 1000, 1000, '张三', '手工导入'),
]}
NOTES = {HISTORY: {
    'L3': ('说明：',),
    'L4': ('房屋', '请填写系统中的房屋编号 楼栋-单元-房屋 如果是商铺 楼栋-0-商铺'),
    'L5': ('收费项目', '必须和费用管理中的费用项设置中的收费项目名称保持一致'),
    'L6': ('缴费周期', '请填写历史缴费周期'),
    'L7': ('开始时间', '时间格式为 YYYY-MM-DD'),
    'L8': ('结束时间', '时间格式为 YYYY-MM-DD'),
    'L9': ('缴费金额', '元为单位'),
    'L10': ('备注', '必填，如果有缴费说明 请填写值这里，水电费读数建议写到这里，'
            '不要超过200字，如果没有则填写手工导入'),
}}


def make_history(cells=()):
    return make_hc_workbook(
        {f'{HISTORY}!{cell}': value for cell, value in dict(cells).items()}, TABLES, NOTES)
