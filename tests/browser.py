"""A small driver for Chromium over its DevTools websocket: what a person does, seen as pixels.

Waiting is built in: every action waits for its element to be there, visible and not covered.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

from cli.browsers import find_browser
from cli.testing import DEBIAN_BROWSER

OUTPUT = Path(__file__).resolve().parent / "output"
PHONE = (390, 844)
DESKTOP = (1400, 900)
POLL = 0.05

# The element's centre, or why it cannot be acted upon yet. A Chinese text is found as it reads.
LOCATE = """
(selector, text) => {
    const reads = (el) => (el.innerText || el.value || "").replace(/\\s+/g, " ");
    const shown = (el) =>
        el.getClientRects().length && getComputedStyle(el).visibility !== "hidden";
    const found = [...document.querySelectorAll(selector)].filter(
        (el) => !text || reads(el).includes(text));
    const el = found.find(shown);
    if (!el) return {why: found.length ? "it is hidden" : "there is none"};
    el.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    const box = el.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    const same = (a, b) => a.contains(b) || a.control === b || a.closest("label")?.control === b;
    const covered = top && !same(el, top) && !same(top, el);
    const why = covered ? "it is covered by " + top.outerHTML.slice(0, 120) : null;
    return {x, y, text: el.innerText || el.value || "", why};
}
"""
KEYS = {
    "Enter": ("\r", 13), "Tab": ("\t", 9), "Escape": ("", 27), "ArrowUp": ("", 38),
    "ArrowDown": ("", 40), "F2": ("", 113), "F4": ("", 115), "/": ("/", 191),
    **{letter: ("", ord(letter.upper())) for letter in "nqsx"},
}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class BrowserError(AssertionError):
    pass


class Browser:
    def __init__(self, name="browser"):
        self.name = name
        self.errors = []
        self.number = 0

    def __enter__(self):
        program = find_browser()
        if not program:
            raise BrowserError(
                f"There is no Chromium; as root: apt-get install {' '.join(DEBIAN_BROWSER)}"
            )
        self.profile = tempfile.mkdtemp(prefix="property-browser-")
        options = ["--headless=new", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu"]
        options += ["--no-default-browser-check", "--disable-dev-shm-usage"]
        options += ["--lang=zh-CN", "--accept-lang=zh-CN"]
        options += ["--disable-background-networking", "--disable-component-update"]
        options += ["--no-proxy-server", f"--user-data-dir={self.profile}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen(
            [program, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile},
            start_new_session=True,
        )
        try:
            self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        if hasattr(self, "socket"):
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def connect(self):
        port_file = Path(self.profile) / "DevToolsActivePort"
        wait_for(lambda: port_file.exists() and port_file.read_text().count("\n"), 30, "Chromium")
        port = port_file.read_text().split()[0]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], suppress_origin=True, timeout=60
        )
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.viewport(*DESKTOP)

    def send(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        """Keep what the page reports as an error; a test asserts that `errors` is empty."""
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.errors.append(" ".join(str(arg.get("value", arg)) for arg in params["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.errors.append(f"dialog: {params['message']}")

    def js(self, expression):
        """The value of an expression in the page; a promise is awaited."""
        result = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise BrowserError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def viewport(self, width, height=900):
        """390 wide is a phone, with touch and its pixel density."""
        phone = width < 600
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    def phone(self):
        self.viewport(*PHONE)

    def desktop(self):
        self.viewport(*DESKTOP)

    def goto(self, url):
        """Load a page to its end; the script of Odoo's web client goes on after that."""
        answer = self.send("Page.navigate", url=url)
        if answer.get("errorText"):
            raise BrowserError(f"{url}: {answer['errorText']}")
        self.until("document.readyState === 'complete'", f"{url} to load")

    def until(self, expression, what=None, timeout=30):
        def evaluate():
            try:
                return self.js(expression)
            except BrowserError:
                return None  # the page is being exchanged

        return wait_for(evaluate, timeout, what or expression, self)

    def locate(self, selector, text=None, timeout=30, covered=False):
        call = f"({LOCATE})({json.dumps(selector)}, {json.dumps(text)})"
        last = {}

        def ready():
            try:
                last.update(self.js(call))
            except BrowserError:
                return None
            return "x" in last and (covered or not last["why"]) and last

        what = f"{selector} {text or ''}"
        try:
            return dict(wait_for(ready, timeout, what, self))
        except BrowserError as error:
            raise BrowserError(f"{error}: {last.get('why')}") from None

    def wait(self, selector, text=None, timeout=30):
        """Wait until it can be seen; returns its text."""
        return self.locate(selector, text, timeout, covered=True)["text"]

    def gone(self, selector, timeout=30):
        expression = f"!document.querySelector({json.dumps(selector)})"
        self.until(expression, f"{selector} to go", timeout)

    def text(self, selector):
        return self.wait(selector)

    def count(self, selector):
        return self.js(f"document.querySelectorAll({json.dumps(selector)}).length")

    def click(self, selector, text=None, timeout=30):
        point = self.locate(selector, text, timeout)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=point["x"],
                y=point["y"],
                button="none" if kind == "mouseMoved" else "left",
                clickCount=0 if kind == "mouseMoved" else 1,
            )

    def type(self, selector, text, clear=True):
        """Click into a field and type as a keyboard does; what was there is replaced."""
        self.click(selector)
        if clear:
            self.js("document.activeElement.select && document.activeElement.select()")
        self.send("Input.insertText", text=text)

    def press(self, key, *modifiers):
        text, code = KEYS[key]
        values = {
            "key": key,
            "code": key,
            "windowsVirtualKeyCode": code,
            "modifiers": sum(MODIFIERS[name] for name in modifiers),
        }
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **values)
        self.send("Input.dispatchKeyEvent", type="keyUp", **values)

    def write(self, text):
        """Type where the cursor is."""
        self.send("Input.insertText", text=text)

    def choose(self, selector, value):
        """Choose an option of a <select> by its value or its text."""
        self.wait(selector)
        done = self.js(
            f"""(() => {{
                const el = document.querySelector({json.dumps(selector)});
                const wanted = {json.dumps(value)};
                const option = [...el.options].find(
                    (o) => o.value === wanted || o.text.trim() === wanted);
                if (!option) return false;
                el.value = option.value;
                el.dispatchEvent(new Event("input", {{bubbles: true}}));
                el.dispatchEvent(new Event("change", {{bubbles: true}}));
                return true;
            }})()"""
        )
        if not done:
            raise BrowserError(f"{selector} has no option {value}")

    def upload(self, selector, *paths):
        """Put files into an <input type=file>, which may be hidden."""
        self.until(f"!!document.querySelector({json.dumps(selector)})", selector)
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])

    def scrolls_sideways(self):
        """True when the page is wider than the window."""
        return self.js("document.documentElement.scrollWidth > window.innerWidth")

    def screenshot(self, name=None, full=False):
        """A picture in tests/output/; returns its path."""
        OUTPUT.mkdir(exist_ok=True)
        path = OUTPUT / f"{name or self.name}.png"
        picture = self.send("Page.captureScreenshot", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(picture["data"]))
        return path

    def login(self, url, login, password, path="/odoo"):
        """Through the login page, as a person does; afterwards on `path`."""
        self.send("Network.clearBrowserCookies")
        self.goto(f"{url}/web/login?redirect={path}")
        self.type("input[name=login]", login)
        self.type("input[name=password]", password)
        self.press("Enter")
        self.until("!location.pathname.startsWith('/web/login')", f"{login} to be logged in")
        self.until("document.readyState === 'complete'", f"{path} to load")


def wait_for(condition, timeout, what, browser=None):
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            break
        time.sleep(POLL)
    message = f"waited {timeout} s in vain for {what}"
    if browser is not None:
        message += f" (see {browser.screenshot(browser.name + '-failed')})"
    raise BrowserError(message)
