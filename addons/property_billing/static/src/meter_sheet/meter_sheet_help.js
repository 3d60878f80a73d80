import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** Which keys do what. */
export class MeterSheetHelp extends Component {
    static template = "property_billing.MeterSheetHelp";
    static components = { Dialog };
    static props = { close: Function };

    get title() {
        return _t("Shortcuts of the reading sheet");
    }

    get keys() {
        return [
            [["Enter"], _t("Compute this row and go down")],
            [["Shift", "Enter"], _t("Compute this row and go up")],
            [["Tab"], _t("Next cell; with Shift the one before")],
            [["↑", "↓", "←", "→"], _t("Move")],
            [["PgUp", "PgDn"], _t("Move by a page")],
            [["Ctrl", "Home"], _t("First row; with End the last one")],
            [["F2"], _t("Edit what is in the cell")],
            [["Esc"], _t("Take back what was typed")],
            [["F4"], _t("Only what is missing, or all")],
            [["F8"], _t("Scan the code on a meter")],
            [["/"], _t("Find by room, number or payer")],
            [["Ctrl", "S"], _t("Save")],
            [["?"], _t("This help")],
        ];
    }
}
