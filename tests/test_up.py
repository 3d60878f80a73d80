"""The product as ./property starts it."""

import time

from browser import wait_for


def test_login_page_in_a_browser(server, browser):
    browser.login(server.url, "admin", "admin")
    browser.wait(".o_main_navbar")
    browser.phone()
    browser.goto(f"{server.url}/my")
    browser.wait(".o_portal")
    assert not browser.scrolls_sideways()
    browser.screenshot()
    assert browser.errors == []


def test_lock_leads_back_after_signing_in(server, browser):
    """[G09] Alt+Shift+L at the desk; whoever comes next has to sign in."""
    browser.login(server.url, "admin", "admin")
    browser.goto(f"{server.url}/odoo/property-units")
    browser.wait(".o_list_view")
    time.sleep(3)  # what the page still asks for would begin another session
    browser.js("""
        window.dispatchEvent(new KeyboardEvent("keydown", {
            key: "L", altKey: true, shiftKey: true, bubbles: true}))""")
    browser.until("location.pathname === '/web/login'")
    browser.type("input[name=login]", "admin")
    browser.type("input[name=password]", "admin")
    browser.press("Enter")
    browser.until("location.pathname === '/odoo/property-units'")


def test_background_job_runs_and_survives_a_kill(server):
    """A job that waits while the server is killed runs once the server is back."""
    database = server.odoo
    server.kill()
    database.call(
        "env['ir.config_parameter'].with_delay().set_param('property.test.job', 'done')\n"
        "env.cr.commit()\n"
    )
    server.start()
    statement = "SELECT value FROM ir_config_parameter WHERE key = 'property.test.job'"
    wait_for(lambda: database.server.query(statement, database=database.database), 30, "the job")
