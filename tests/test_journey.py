"""The main job as its people do it: a workbook comes in, bills go out, an owner pays by phone."""

import pytest
from browser import DESKTOP, PHONE, BrowserError
from property_base.tests import hc_workbook

from cli.up import LANGUAGES

CLERK, OWNER = "clerk@example.com", "owner@example.com"
PASSWORD = "journey-Pass-1"

PEOPLE = f"""
company = env.ref('base.main_company')
groups = ('property_base.group_property_manager', 'property_billing.group_billing_manager')
env['res.users'].create({{
    'name': '王会计', 'login': '{CLERK}', 'email': '{CLERK}', 'password': '{PASSWORD}',
    'lang': 'zh_CN', 'tz': 'Asia/Shanghai',
    'group_ids': [(6, 0, [env.ref(group).id for group in groups])],
}})
journals = env['account.journal'].search(
    [('company_id', '=', company.id), ('type', 'in', ('bank', 'cash'))])
journals.property_direct_receipts = True
env.ref("payment.payment_provider_demo").write({{
    'state': 'test', 'is_published': True,
    'journal_id': journals.filtered(lambda journal: journal.type == 'bank')[:1].id,
}})
env.cr.commit()
"""

REGISTER = """
project = env['property.project'].search([('name', '=', '示例小区')])
units = env['property.unit'].search([('project_id', '=', project.id)])
result = {
    'buildings': len(project.building_ids.filtered(lambda b: not b.is_parking_lot)),
    'entrances': env['property.entrance'].search_count([('project_id', '=', project.id)]),
    'rooms': len(units.filtered(lambda unit: unit.kind != 'parking')),
    'parking': len(units.filtered(lambda unit: unit.kind == 'parking')),
    'owners': len(units.occupancy_ids.filtered(lambda o: o.role == 'owner').partner_id),
    'fees': len(env['property.fee'].search([('name', 'like', '测试收费')])),
    'assignments': env['property.fee.assignment'].search_count([('project_id', '=', project.id)]),
}
"""

OWNER_COMES = f"""
owner = env['res.partner'].search([('name', '=', '李示例')]).ensure_one()
env['res.users'].with_context(no_reset_password=True).create({{
    'name': owner.name, 'partner_id': owner.id, 'login': '{OWNER}', 'email': '{OWNER}',
    'password': '{PASSWORD}', 'lang': 'zh_CN',
    'group_ids': [(6, 0, [env.ref('base.group_portal').id])],
}})
env.cr.commit()
"""

OWED = """
charges = env['property.charge'].search([('unit_id.name', '=', '1011')], order='date_start')
result = [(str(charge.date_start), str(charge.date_end), charge.amount, charge.amount_residual,
           charge.move_id.payment_state) for charge in charges]
"""

DOCTOR = """
checks = env['property.doctor'].run()
result = [check['name'] for check in checks if not check['ok']] if checks else ['nothing checked']
"""


class BackOffice:
    """Odoo's web client, in Chinese, at any width."""

    def __init__(self, browser, url):
        self.browser = browser
        self.url = url

    def open(self, path):
        self.browser.goto(f"{self.url}/odoo/{path}")
        self.browser.wait(".o_action_manager .o_view_controller")

    def write(self, field, text, leave=True):
        if not self.browser.count(f".o_field_widget[name={field}] input"):
            self.browser.click(f".o_field_widget[name={field}] button")  # a date becomes an input
        self.browser.type(f".o_field_widget[name={field}] input", text)
        if leave:  # Tab would open the calendar of a date field that comes next
            self.browser.js("document.activeElement.blur()")

    def pick(self, field, text):
        """A many2one: choose what is offered, in a list or on a phone in a dialog."""
        self.browser.click(f".o_field_widget[name={field}] input")
        if self.browser.js("innerWidth") < 768:
            self.browser.click(".modal .o_kanban_record:not(.o_kanban_ghost)", text)
            self.browser.gone(".modal")
        else:
            self.browser.click(".o-autocomplete--dropdown-item", text)

    def press(self, method):
        """A button of the form's header; on a phone all but the first are in a menu."""
        button = f".o_statusbar_buttons button[name={method}]"
        try:
            self.browser.click(button, timeout=5)
        except BrowserError:
            self.browser.click(".o_statusbar_buttons button[title='更多']")
            self.browser.click(f".o-dropdown--menu button[name={method}]")

    def confirm(self):
        self.browser.click(".modal-footer .btn-primary")
        self.browser.gone(".modal")

    def wait_state(self, state):
        self.browser.until(
            "document.querySelector('.o_statusbar_status .o_arrow_button_current')"
            f"?.dataset.value === {state!r}", f"state {state}", timeout=90)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_workbook_to_receipt(size, database, browser, tmp_path, request):
    """[A30, B13, B16, B38, B46, B51] Import, run, post, publish, pay, and every book balances.

    Room 1011 has 94.56 m². Fee 1 costs 1.3 a m² and 20 more a month, six months at once:
    (94.56 × 1.3 + 20) × 6 = 857.568. Fee 2 costs 1 a m² and 20 more, three months: 343.68.
    """
    suite = request.getfixturevalue("suite")
    workbook = tmp_path / "小区.xlsx"
    hc_workbook.make_hc_workbook().save(workbook)
    database.call(LANGUAGES + PEOPLE)
    with suite.server(database) as server:
        browser.viewport(*size)
        office = BackOffice(browser, server.url)
        browser.login(server.url, CLERK, PASSWORD, "/odoo/property-imports")
        import_workbook(office, workbook)
        assert database.call(REGISTER) == {
            "buildings": 13, "entrances": 26, "rooms": 8, "parking": 1, "owners": 5,
            "fees": 2, "assignments": 11,
        }
        bill(office)
        assert database.call(OWED) == [
            ["2020-06-10", "2020-12-09", 857.57, 857.57, "not_paid"],
            ["2020-07-10", "2020-10-09", 343.68, 343.68, "not_paid"],
        ]
        database.call(OWNER_COMES)
        pay(browser, server.url)
        assert [row[3:] for row in database.call(OWED)] == [[0.0, "paid"], [0.0, "paid"]]
        assert database.call(DOCTOR) == []
        assert not browser.errors, "\n".join(browser.errors)


def import_workbook(office, workbook):
    """The check names the three unknown owners; they are accepted, and everything comes in."""
    browser = office.browser
    office.open("property-imports/new")
    browser.upload(".o_field_widget[name=file] input[type=file]", workbook)
    office.write("project_name", "示例小区")
    office.pick("fee_tax_id", "6%")
    office.press("action_check")
    for row in (7, 8, 9):
        browser.wait(".o_field_widget[name=issue_ids]", f"G{row}")
    browser.screenshot(f"journey-import-{browser.js('innerWidth')}")
    browser.click(".o_field_widget[name=accept_warnings] input")
    office.press("action_import")
    office.confirm()
    office.wait_state("done")


def bill(office):
    """All that is to be billed by the end of July 2020; three rooms have nobody who pays."""
    browser = office.browser
    office.open("property-bill-runs/new")
    office.pick("project_id", "示例小区")
    office.write("date_end", "2020-06-30", leave=False)
    browser.press("Tab")
    browser.wait(".o_field_widget[name=date_end]", "2020")  # as typed, once the server has answered
    office.write("date_end", "2020-07-31", leave=False)
    office.press("action_preview")
    browser.wait(".o_bill_run_board")
    browser.wait(".o_field_widget[name=date_end]", "2020")  # as typed, not the default
    browser.screenshot(f"journey-preview-{browser.js('innerWidth')}")
    office.press("action_post")
    office.confirm()
    office.wait_state("posted")
    office.press("action_publish")
    office.confirm()
    office.wait_state("published")


def pay(browser, url):
    """On a phone: see why, pay a part of one charge and all of the other, then the rest."""
    browser.phone()
    browser.login(url, OWNER, PASSWORD, "/my")
    for agreement in ("用户协议", "隐私政策"):
        browser.click("label", agreement)
    browser.click("button", "同意并继续")
    browser.wait("body", "1011")
    browser.goto(f"{url}/my/dues")
    browser.wait(".o_property_pay_bar", "1,201.25")
    assert not browser.scrolls_sideways()
    browser.screenshot("journey-dues")
    browser.click("a", "为什么是这个金额")
    browser.wait("body", "857.568")
    browser.goto(f"{url}/my/dues")
    browser.wait(".o_property_select_all.d-flex")  # the page's script has started
    browser.click("summary", "部分缴纳")
    browser.type("input[name^=amount_]", "0")
    browser.click("summary", "部分缴纳")
    browser.click(".o_property_pay_bar button[type=submit]")
    browser.wait("details[open] input[name^=amount_]:focus")  # what is wrong is not folded away
    browser.type("input[name^=amount_]", "57.57")
    browser.wait(".o_property_pay_bar", "401.25")
    submit(browser, "401.25")
    browser.goto(f"{url}/my/dues")
    browser.wait(".o_property_pay_bar", "800.00")
    submit(browser, "800.00")
    browser.screenshot("journey-receipt")
    browser.goto(f"{url}/my/dues")
    browser.wait(".o_property_empty")


def submit(browser, amount):
    """Through the payment page to the receipt."""
    browser.click(".o_property_pay_bar button[type=submit]")
    browser.wait(".o_property_total", amount)
    browser.click("button[name=o_payment_submit_button]:not(:disabled)")
    browser.wait(".o_property_hero .fa-check-circle", timeout=60)
    browser.wait(".o_property_hero", amount)
