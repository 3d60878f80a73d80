import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** The company's logo beside the menus, so that everybody sees whose books are open. */
export class CompanyLogo extends Component {
    static template = "property_base.CompanyLogo";
    static props = {};

    setup() {
        this.company = user.activeCompany;
    }

    /** The menus have measured what room there is before the picture took its part of it. */
    onLoad() {
        this.env.bus.trigger("MENUS:APP-CHANGED");
    }
}

registry.category("systray").add(
    "property_base.company_logo",
    {
        Component: CompanyLogo,
        isDisplayed: (env) => !env.isSmall,
    },
    { sequence: 1000 }
);
