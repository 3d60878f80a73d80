"""The product as ./property starts it."""

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
