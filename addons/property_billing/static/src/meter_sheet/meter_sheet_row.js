import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";
import { hasErrors, isOdd, isOpen, isTyped } from "./meter_sheet_store";

/** What is to be said about a row, and how loud: the worst of it. */
export function getRemark(row, model) {
    const error = Object.values(row.errors)[0];
    if (error) {
        return { text: error, tone: "danger", icon: "fa-times-circle" };
    }
    if (row.fault && isOpen(row)) {
        return { text: row.fault, tone: "danger", icon: "fa-ban" };
    }
    if (!isOpen(row)) {
        return PRESENT[row.present.state](row.present);
    }
    if (row.oddity) {
        return { text: row.oddity, tone: "warning", icon: "fa-exclamation-triangle" };
    }
    if (row.present) {
        return {
            text: _t("Refused: %s", row.present.detail || ""), tone: "danger", icon: "fa-undo",
        };
    }
    if (model.canTake(row)) {
        return { text: _t("Its device read %s", row.device), tone: "info", icon: "fa-rss" };
    }
    if (row.isChanged) {
        return { text: _t("Changed meanwhile"), tone: "info", icon: "fa-refresh" };
    }
    if (isTyped(row) && !model.isClosed) {
        return { text: _t("Not saved yet"), tone: "muted", icon: "fa-pencil" };
    }
    return { text: "", tone: "muted", icon: "" };
}

/** By which the input of the cell names what is said about its row. */
export function getRemarkId(row) {
    return `o_meter_remark_${row.key}`;
}

/** What stands in a cell. */
export function getText(row, column) {
    return column === "value" && !isOpen(row) ? row.present.value : row[column];
}

const PRESENT = {
    accepted: (present) => ({
        text: _t("Saved by %s", present.user), tone: "success", icon: "fa-check",
    }),
    estimate: () => ({ text: _t("Estimated"), tone: "info", icon: "fa-magic" }),
    queued: (present) => ({
        text: _t("To check: %s", present.detail || ""),
        tone: "warning",
        icon: "fa-exclamation-triangle",
    }),
};

/**
 * A line of the sheet; what is typed goes through the input that lies above it. Where the cursor is
 * does not concern it: its row alone makes it render.
 */
export class MeterSheetRow extends Component {
    static template = "property_billing.MeterSheetRow";
    static props = {
        row: Object,
        model: Object,
        index: Number,
        top: Number,
        onPoint: Function,
        onEdit: Function,
    };

    setup() {
        this.row = useState(this.props.row);
    }

    get sheet() {
        return this.props.model.state.sheet;
    }

    get needsFirst() {
        return this.row.previous === false;
    }

    get canType() {
        return this.props.model.canType(this.row);
    }

    get use() {
        return isOpen(this.row) ? this.row.use : this.row.present.use;
    }

    get amount() {
        const { amount } = this.row;
        return amount === null
            ? ""
            : formatMonetary(amount, { currencyId: this.sheet.currency_id });
    }

    get remarkId() {
        return getRemarkId(this.row);
    }

    get remark() {
        return getRemark(this.row, this.props.model);
    }

    get classes() {
        return {
            o_read: !isOpen(this.row),
            o_odd: isOdd(this.row),
            o_wrong: hasErrors(this.row) || (this.row.fault && isOpen(this.row)),
            o_even: this.props.index % 2,
        };
    }

    get canTake() {
        return this.props.model.canTake(this.row);
    }

    getText(column) {
        return getText(this.row, column);
    }

    isWrong(column) {
        const { errors } = this.row;
        return column === "first"
            ? errors.first_value || errors.first_date
            : column === "value" && (errors.value || errors.register || errors.meter_id || errors.date);
    }
}
