"""The product as ./property starts it, in a real browser."""


def test_login_page_in_a_browser(server, browser):
    browser.login(server.url, "admin", "admin")
    browser.wait(".o_main_navbar")
    browser.phone()
    browser.goto(f"{server.url}/my")
    browser.wait(".o_portal")
    assert not browser.scrolls_sideways()
    browser.screenshot()
    assert browser.errors == []
