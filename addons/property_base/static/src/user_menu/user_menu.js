import { registry } from "@web/core/registry";

// An account at odoo.com, which nobody of a property company has.
registry.category("user_menuitems").remove("odoo_account");
