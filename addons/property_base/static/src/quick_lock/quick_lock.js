import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";

/** Leaving the desk: one click or key signs out, and signing in leads back to where one was. */
export class QuickLock extends Component {
    static template = "property_base.QuickLock";
    static props = {};

    setup() {
        useHotkey("alt+shift+l", () => this.lock(), {
            global: true,
            bypassEditableProtection: true,
        });
    }

    lock() {
        const here = browser.location.pathname + browser.location.search;
        const login = `/web/login?redirect=${encodeURIComponent(here)}`;
        browser.location.assign(`/web/session/logout?redirect=${encodeURIComponent(login)}`);
    }
}

registry.category("systray").add(
    "property_base.quick_lock",
    { Component: QuickLock, isDisplayed: (env) => !env.isSmall },
    { sequence: 1 }
);
