"""The reading sheet in a real browser: 500 meters by keyboard alone, and one by one on a phone."""

import struct
import zlib

import pytest

from cli.up import LANGUAGES

PASSWORD = "sheet-Pass-1"
ROWS = 500

# Each meter showed its number × 10 at the end of September and is read 7 later.
PREPARE = f"""
company = env.ref('base.main_company')
fee = env['property.fee'].create({{
    'name': 'Sheet water', 'company_id': company.id,
    'tax_id': env['account.chart.template'].with_company(company).ref('property_billing_tax_6').id,
    'account_id': company.property_income_account_id.id}})
tariff = env['property.tariff'].create({{
    'name': 'Sheet water', 'fee_id': fee.id, 'basis': 'metered', 'timing': 'arrears',
    'version_ids': [(0, 0, {{'date_start': '2020-01-01', 'price': 5}})]}})
kind = env['property.meter.type'].create({{
    'name': 'Sheet meter', 'unit_name': 'm³', 'fee_id': fee.id, 'company_id': company.id}})
users = env['res.users'].union(*(env['res.users'].create({{
    'name': login, 'login': login, 'email': login, 'password': '{PASSWORD}', 'lang': lang,
    'group_ids': [(6, 0, [env.ref(group).id])],
}}) for login, lang, group in (
    ('clerk@example.com', 'zh_CN', 'property_billing.group_billing_officer'),
    ('reader@example.com', 'en_US', 'property_billing.group_meter_read'))))
project, other = env['property.project'].create([
    {{'name': 'Lakeside', 'user_ids': users.ids}}, {{'name': 'Hillside', 'user_ids': users.ids}}])
building = env['property.building'].create({{'name': 'A', 'project_id': project.id}})
units = env['property.unit'].create([
    {{'name': str(1001 + number), 'building_id': building.id, 'building_area': 100}}
    for number in range({ROWS})])
owner = env['res.partner'].create({{'name': 'Owner'}})
env['property.occupancy'].create([
    {{'unit_id': unit.id, 'partner_id': owner.id, 'role': 'owner', 'date_start': '2020-01-01'}}
    for unit in units])
meters = env['property.meter'].create([
    {{'number': f'W-{{unit.name}}', 'type_id': kind.id, 'unit_id': unit.id,
      'date_start': '2020-01-01'}} for unit in units])
stranger = env['property.meter'].create({{
    'number': 'H-1', 'name': 'Pool', 'type_id': kind.id, 'project_id': other.id,
    'date_start': '2020-01-01'}})
env['property.fee.assignment'].create([
    {{'unit_id': meter.unit_id.id, 'tariff_id': tariff.id, 'meter_id': meter.id,
      'date_start': '2025-10-01'}} for meter in meters])
env['property.meter.reading']._enter([
    {{'meter_id': meter.id, 'register': 'total', 'date': __import__('datetime').date(2025, 9, 30),
      'value': str(number * 10), 'kind': 'first'}} for number, meter in enumerate(meters)])
round = env['property.meter.round'].create({{
    'name': 'October', 'project_id': project.id, 'type_id': kind.id, 'user_ids': users.ids,
    'date_start': '2025-10-01', 'date_end': '2025-10-31'}})
env.cr.commit()
result = {{'round': round.id, 'labels': {{
    meter.number: meter._get_label_url() for meter in meters[:3] + stranger}}}}
"""

REPORT = """
readings = env['property.meter.reading'].search(
    [('round_id.name', '=', 'October')], order='meter_id, date')
result = [
    [reading.meter_id.number, reading.value, str(reading.date), reading.state, reading.source,
     reading.user_id.login, bool(reading.photo)] for reading in readings]
"""

PHOTO = """
from odoo.tools.image import ImageProcess
reading = env['property.meter.reading'].search([('round_id.name', '=', 'October')], limit=1)
image = ImageProcess(__import__('base64').b64decode(reading.photo)).image
result = [image.format, *image.size]
"""

# What three residents have sent.
ODD = """
round = env['property.meter.round'].search([('name', '=', 'October')])
meters = env['property.meter'].search([('number', 'in', ('W-1001', 'W-1002', 'W-1003'))])
env['property.meter.reading']._enter([
    {'meter_id': meter.id, 'register': 'total', 'date': round.date_end, 'value': '900'}
    for meter in meters], round_id=round.id, state='queued', reason='resident')
env.cr.commit()
"""

# How long each frame took while somebody types; what the eye notices begins at about 100 ms.
WATCH_FRAMES = """
window.frames = []; let last = performance.now();
(function watch(now) { frames.push(now - last); last = now; requestAnimationFrame(watch); })(last);
"""

# What the last ten lines that were typed show, be the typing as quick as it may.
SHOWN = """
[...document.querySelectorAll(".o_meter_row[data-key]")].map((row) => [
    row.children[1], row.querySelector("[data-column=value]"), row.querySelector(".o_use"),
].map((cell) => cell.innerText.trim())).filter(
    ([number]) => "W-1241" <= number && number <= "W-1250")
"""

# A camera that looks at the code `window.seenCode`.
CAMERA = """
const draw = async () => {
    const image = new Image();
    image.src = "/report/barcode/?barcode_type=QR&width=400&height=400&value="
        + encodeURIComponent(window.seenCode);
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 1280; canvas.height = 1280;
    const paint = () => {
        const context = canvas.getContext("2d");
        context.fillStyle = "white";
        context.fillRect(0, 0, 1280, 1280);
        context.drawImage(image, 530, 530, 220, 220);
    };
    setInterval(paint, 50);
    return canvas.captureStream(20);
};
navigator.mediaDevices.getUserMedia = draw;
"""


# The server stores what is sent; its answer is lost on the way, and none comes until `isBack`.
LOSE_ANSWERS = """
const { open, send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url) {
    this.address = url;
    return open.apply(this, arguments);
};
XMLHttpRequest.prototype.send = function (body) {
    const lose = () => this.dispatchEvent(new Event("error"));
    if (window.isBack || !/save_readings|version_info/.test(this.address)) {
        send.call(this, body);
    } else if (this.address.includes("save_readings")) {
        const headers = { "Content-Type": "application/json" };
        fetch(this.address, { method: "POST", headers, body }).then(lose);
    } else {
        setTimeout(lose);
    }
};
"""


@pytest.fixture
def prepared(database):
    database.call(LANGUAGES + "env.cr.commit()")
    return database.call(PREPARE)


def open_sheet(browser, url, login, prepared):
    browser.login(url, login, PASSWORD)
    browser.goto(
        f"{url}/odoo/property-reading-rounds/{prepared['round']}/property-reading-sheet")


def read_tile(browser, name):
    return int(browser.js(
        f"document.querySelector('[data-filter={name}] .badge')?.textContent || '0'"))


def test_five_hundred_rows_by_keyboard(database, suite, browser, prepared):
    """[B31] Type, Enter, type, Enter; the cursor waits for nothing, a reload takes nothing."""
    with suite.server(database) as server:
        open_sheet(browser, server.url, "clerk@example.com", prepared)
        browser.wait(".o_meter_grid")
        browser.wait(".o_meter_tiles", "未抄")
        assert read_tile(browser, "missing") == ROWS
        assert browser.count(".o_meter_row") < 80  # only what can be seen is there
        browser.js(WATCH_FRAMES)
        for number in range(250):
            browser.write(str(number * 10 + 7))
            browser.press("Enter")
        tell_frames(browser)
        # A slip on the way: up, written over, taken back; down without a value.
        browser.press("Enter", "Shift")
        browser.write("9999")
        browser.press("Escape")
        browser.press("ArrowDown")
        browser.until("document.querySelector('[data-filter=typed] .badge').textContent === '250'")
        browser.until("!document.querySelector('.o_use .fa-spin')", "all rows to be computed")
        browser.wait(".o_meter_total_use", "1,750 m³")
        assert browser.js(SHOWN) == [
            [f"W-{1001 + number}", str(number * 10 + 7), "7"] for number in range(240, 250)]
        browser.screenshot("meter-sheet")

        browser.send("Page.reload")
        browser.until("document.querySelector('[data-filter=typed] .badge')?.textContent === '250'")
        browser.wait(".o_meter_total_use", "1,750 m³")  # computed again by itself
        browser.press("F4")  # only what is missing
        browser.until(f"document.querySelector('.o_meter_grid').ariaRowCount == {ROWS - 250 + 1}")
        # The cell shows what this row has, not the row that stood there before.
        browser.until("document.activeElement.value === ''")
        for number in range(250, ROWS):
            browser.write(str(number * 10 + 7) if number != 300 else "12a")
            browser.press("Enter")
        browser.press("s", "Control")
        browser.wait(".o_meter_notice", "未保存任何读数")
        assert database.call(REPORT) == []
        assert "12a" in browser.js(  # read out with the cell
            "document.getElementById("
            "document.activeElement.getAttribute('aria-describedby')).textContent")
        browser.write("3007")  # the cursor is in the wrong cell
        browser.press("Enter")
        browser.press("s", "Control")
        browser.wait(".o_meter_saved", str(ROWS))
        assert browser.js("localStorage.getItem(Object.keys(localStorage).find("
                          "(key) => key.startsWith('property_meter_sheet:')))") is None
        assert database.call(REPORT) == [
            [f"W-{1001 + number}", number * 10 + 7, "2025-10-31", "accepted", "sheet",
             "clerk@example.com", False] for number in range(ROWS)]

        # Opened again: what it costs is there, too.
        browser.send("Page.reload")
        browser.wait(".o_meter_total_amount", "17,500.00")
        browser.wait(".o_amount", "35.00")

        # Found by its room, and looked at.
        browser.press("F4")
        browser.press("/")
        browser.write("1444")
        browser.press("Enter")
        browser.until("document.activeElement.getAttribute('aria-label')?.includes('W-1444')")
        browser.screenshot("meter-sheet-saved")
        browser.click(".o_meter_bill", "按本次抄表出账")
        browser.wait(".o_form_view .o_field_widget[name=project_id]")
        assert browser.js(
            "document.querySelector('.o_field_widget[name=project_id] input').value") == "Lakeside"
        assert not browser.errors, "\n".join(browser.errors)


def tell_frames(browser):
    frames = sorted(browser.js("window.frames.slice(1)"))
    print(
        f"\nframes while 250 rows are typed: {len(frames)}, "
        f"median {frames[len(frames) // 2]:.0f} ms, "
        f"95 % below {frames[len(frames) * 95 // 100]:.0f} ms, longest {frames[-1]:.0f} ms")


def test_on_a_phone(database, suite, browser, prepared, tmp_path):
    """[B31, request 15] Thumb, photo and camera; a wrong code does nothing."""
    photo = tmp_path / "dial.png"
    photo.write_bytes(make_png(2400, 1800))
    labels = prepared["labels"]
    with suite.server(database) as server:
        browser.phone()
        browser.send("Page.addScriptToEvaluateOnNewDocument", source=CAMERA)
        open_sheet(browser, server.url, "reader@example.com", prepared)
        browser.wait(".o_meter_card[data-meter='W-1001']")
        assert not browser.scrolls_sideways()
        assert "¥" not in browser.text(".o_meter_sheet")
        tap(browser, "7")
        browser.upload(".o_meter_file", photo)
        browser.wait(".o_meter_photo img")
        browser.click(".o_meter_next")
        browser.wait(".o_meter_card[data-meter='W-1002']")
        browser.screenshot("meter-sheet-phone")

        scan(browser, labels["H-1"])
        browser.wait(".o_meter_notice", "is not read in October. Nothing was entered.")
        browser.wait(".o_meter_card[data-meter='W-1002']")
        scan(browser, f"{server.url}/m/nobody")
        browser.wait(".o_meter_notice", "is no meter of yours")
        browser.wait(".o_meter_card[data-meter='W-1002']")
        scan(browser, labels["W-1003"])
        browser.wait(".o_meter_card[data-meter='W-1003']")
        tap(browser, "19")  # less than the 20 before
        browser.click(".o_meter_next")
        browser.wait(".o_meter_told", "19 is less than 20")

        browser.send("Page.reload")
        browser.wait(".o_meter_save", "(2)")
        assert browser.text(".o_meter_card .o_meter_box") is not None
        browser.click(".o_meter_save")
        browser.wait(".o_meter_saved", "To be checked: 1")
        assert not browser.scrolls_sideways()
        browser.screenshot("meter-sheet-phone-saved")
        assert database.call(REPORT) == [
            ["W-1001", 7, "2025-10-31", "accepted", "phone", "reader@example.com", True],
            ["W-1003", 19, "2025-10-31", "queued", "phone", "reader@example.com", False]]
        assert database.call(PHOTO) == ["JPEG", 1600, 1200]
        # The phone's own camera reads the label: it leads to the card in the round.
        browser.goto(f"{server.url}{labels['W-1002'][labels['W-1002'].index('/m/'):]}")
        browser.wait(".o_meter_card[data-meter='W-1002']")
        assert not browser.errors, "\n".join(browser.errors)


def test_without_a_connection(database, suite, browser, prepared):
    """[B31] In the cellar: typing goes on, it is said plainly, and sent later, once."""
    with suite.server(database) as server:
        browser.phone()
        open_sheet(browser, server.url, "reader@example.com", prepared)
        browser.wait(".o_meter_card[data-meter='W-1001']")
        disconnect(browser, True)
        browser.wait(".o_meter_offline", "what you enter is kept on this device")
        for number in range(3):
            browser.wait(f".o_meter_card[data-meter='W-{1001 + number}']")
            tap(browser, str(number * 10 + 7))
            browser.click(".o_meter_next")
        save(browser)
        browser.wait(".o_meter_offline", "is sent by itself when the connection is back")
        assert not browser.scrolls_sideways()
        browser.screenshot("meter-sheet-phone-offline")
        tap(browser, "37")  # it goes on meanwhile
        assert database.call(REPORT) == []
        disconnect(browser, False)
        browser.wait(".o_meter_saved", "4")
        assert [row[:2] for row in database.call(REPORT)] == [
            [f"W-{1001 + number}", number * 10 + 7] for number in range(4)]

        # The server is gone, and comes back.
        browser.click(".o_meter_next")
        browser.wait(".o_meter_card[data-meter='W-1005']")
        server.stop()
        tap(browser, "47")
        save(browser)
        browser.wait(".o_meter_offline", "is sent by itself")
        server.start()
        browser.wait(".o_meter_saved", "1")
        browser.until("!document.querySelector('.o_meter_offline')")

        # It was stored, and nobody told so: sent again, it is no second reading.
        browser.js(LOSE_ANSWERS)
        browser.click(".o_meter_next")
        browser.wait(".o_meter_card[data-meter='W-1006']")
        tap(browser, "57")
        save(browser)
        browser.wait(".o_meter_offline")
        browser.js("window.isBack = true")
        browser.wait(".o_meter_saved", "1")
        # Changed before the connection was back: what is stored is told, never two.
        browser.js("window.isBack = false")
        browser.click(".o_meter_next")
        browser.wait(".o_meter_card[data-meter='W-1007']")
        tap(browser, "67")
        save(browser)
        browser.wait(".o_meter_offline")
        tap(browser, "8")
        browser.js("window.isBack = true")
        browser.wait(".o_meter_card", "Saved meanwhile by reader@example.com: 67. You typed 678.")
        assert [row[:2] for row in database.call(REPORT)] == [
            [f"W-{1001 + number}", number * 10 + 7] for number in range(7)]
        # Nothing but the lost requests themselves.
        errors = [text for text in browser.errors if "net::ERR_" not in text]
        assert not errors, "\n".join(errors)


def save(browser):
    """Odoo may say, too, that other requests of its page got no answer: over the button."""
    browser.js("document.querySelector('.o_notification_close')?.click()")
    browser.gone(".o_notification_close")
    browser.click(".o_meter_save")


def test_the_queue_by_keyboard(database, suite, browser, prepared):
    """[B31] Odd readings one after the other: open, right, refuse with a reason, the next."""
    database.call(ODD)
    with suite.server(database) as server:
        browser.login(server.url, "clerk@example.com", PASSWORD)
        browser.goto(f"{server.url}/odoo/property-readings-to-check")
        browser.wait(".o_data_row:nth-child(3)")
        browser.press("ArrowDown")
        browser.press("ArrowDown")
        browser.press("Enter")
        first = wait_for_meter(browser)
        browser.screenshot("meter-queue")
        browser.press("q", "Alt")
        second = wait_for_meter(browser, first)
        browser.press("x", "Alt")
        browser.wait(".modal [name=note] input")
        browser.until("!!document.activeElement.closest('[name=note]')")
        browser.write("看不清")
        browser.press("q", "Alt")
        third = wait_for_meter(browser, second)
        browser.press("q", "Alt")
        browser.wait(".o_view_nocontent")  # back in the list, which is empty
        assert {meter: state for meter, _value, _day, state, *_rest in database.call(REPORT)} == {
            first: "accepted", second: "refused", third: "accepted"}
        assert not browser.errors, "\n".join(browser.errors)


def wait_for_meter(browser, other=None):
    """The number of the meter whose reading is shown, once it is another one."""
    number = "document.querySelector('.o_form_view [name=meter_id] a')?.innerText.split(' ')[0]"
    browser.until(f"{number} && {number} !== '{other}'")
    browser.wait(".o_statusbar_buttons button[data-hotkey=x]")
    return browser.js(number)


def disconnect(browser, is_off):
    browser.send(
        "Network.emulateNetworkConditions", offline=is_off, latency=0, downloadThroughput=-1,
        uploadThroughput=-1)


def tap(browser, digits):
    for digit in digits:
        browser.click(f".o_meter_keypad [data-key='{digit}']")


def scan(browser, code):
    browser.js(f"window.seenCode = {code!r}")
    browser.click(".o_meter_scan")
    browser.gone(".modal")


def make_png(width, height):
    """A grey picture, as large as a camera takes them."""
    rows = b"".join(b"\0" + bytes([row % 256]) * width for row in range(height))

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return b"".join([
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])
