"""`./property up --check`: is this the running product? Answers in one line."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.request
from urllib.parse import urlencode

from . import odoo
from .browsers import find_browser
from .errors import Problem

BILL = "property_billing.report_bill"


class Browser:
    """Just enough of a browser: cookies, forms, and no proxy in front of this machine."""

    def __init__(self, url):
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def get(self, path):
        try:
            with self.opener.open(self.url + path, timeout=120) as answer:
                return answer.geturl(), answer.read()
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.reason}", error.read()

    def login(self, database, login, password):
        body = {"params": {"db": database, "login": login, "password": password}}
        request = urllib.request.Request(
            f"{self.url}/web/session/authenticate",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with self.opener.open(request, timeout=120) as answer:
            return (json.load(answer).get("result") or {}).get("uid")


def run(instance, logins):
    process = odoo.Process(instance, cron_threads=0)
    try:
        process.start()
        done = list(steps(instance, process.url, by_role(logins)))
    except Problem as problem:
        print(f"check failed: {problem}")
        return 1
    finally:
        process.stop()
    print("check passed: " + ", ".join(done))
    return 0


def by_role(logins):
    return {role: (login, password) for role, login, password in logins}


def steps(instance, url, roles):
    yield login_page(url)
    admin_role = next((role for role in roles if is_administrator(role)), None)
    credentials = roles.get(admin_role, ("admin", "admin"))
    browser = Browser(url)
    owner_role = next((role for role in roles if is_owner(role)), None)
    if owner_role is None:
        yield first_password(browser, instance.database, credentials)
        yield "portal skipped (no demo company)"
    else:
        yield back_end(browser, instance.database, credentials)
        yield portal(url, instance.database, roles[owner_role])
    yield printed_bill(instance, browser)


def is_administrator(role):
    return bool(re.match(r"admin|管理员|系统管理员", role, re.IGNORECASE))


def is_owner(role):
    return bool(re.match(r"owner|业主", role, re.IGNORECASE))


def login_page(url):
    _address, page = Browser(url).get("/web/login")
    require(b'name="password"' in page, "the login page has no password field", page)
    return "login page"


def back_end(browser, database, credentials):
    uid = browser.login(database, *credentials)
    require(uid, f"{credentials[0]} cannot log in", b"")
    address, page = browser.get("/odoo")
    require(b"odoo.__session_info__" in page, f"the back end did not load ({address})", page)
    bundle = re.search(rb'src="(/web/assets/[^"]+\.js)"', page)
    require(bundle, "the back end names no script", page)
    _address, script = browser.get(bundle[1].decode())
    require(len(script) > 100_000, "the back end's script is empty", script)
    return "back end"


def first_password(browser, database, credentials):
    """The one that everybody knows opens nothing but the page where it is changed."""
    require(not browser.login(database, *credentials), "the first password opens the system", b"")
    _address, page = browser.get("/web/login")
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()
    login, password = credentials
    form = urlencode({"login": login, "password": password, "csrf_token": token}).encode()
    with browser.opener.open(f"{browser.url}/web/login", form, timeout=120) as answer:
        address, page = answer.geturl(), answer.read()
    require("/web/reset_password" in address, f"no change of password ({address})", page)
    return "change of the first password"


def portal(url, database, credentials):
    browser = Browser(url)
    require(browser.login(database, *credentials), f"{credentials[0]} cannot log in", b"")
    address, page = browser.get("/my")
    require(address.startswith(url) and "/login" not in address, f"portal: {address}", page)
    require(b"o_portal" in page, "the portal's page is not one", page)
    return "portal"


def printed_bill(instance, browser):
    found = instance.server.query(
        "SELECT 1 FROM ir_act_report_xml WHERE report_name = %s", BILL, database=instance.database
    )
    bills = instance.server.query(
        "SELECT max(id) FROM account_move WHERE state = 'posted' AND move_type = 'out_invoice'",
        database=instance.database,
    )
    if not found or not bills[0][0]:
        return "printing skipped (no bill yet)"
    address, document = browser.get(f"/report/pdf/{BILL}/{bills[0][0]}")
    if document.startswith(b"%PDF"):
        return f"printed bill ({len(document) // 1024} KB)"
    if b"Chromium" in document and not find_browser():
        return "printing skipped: no Chromium"
    require(False, f"the bill did not print ({address})", document)


def require(truth, what, page):
    if truth:
        return
    text = re.sub(rb"<[^>]+>|\s+", b" ", page).decode("utf-8", "replace")
    raise Problem(what, "Read Odoo's log. The page said: " + " ".join(text.split())[:300])
