import { useRecordPolling } from "@property_base/progress_field/record_polling";
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The figures of a bill run; they move by themselves while its jobs work. */
export class BillRunBoard extends Component {
    static template = "property_billing.BillRunBoard";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        useRecordPolling(this, () => this.board?.busy);
    }

    get board() {
        return this.props.record.data[this.props.name] || null;
    }

    get tiles() {
        const { board } = this;
        return [
            {
                key: "charges",
                label: _t("Charges"),
                value: this.count(board.charges),
                filter: "in_run",
            },
            { key: "bills", label: _t("Bills"), value: this.count(board.bills) },
            { key: "amount", label: _t("Amount"), value: this.money(board.amount) },
            {
                key: "change",
                label: _t("Difference"),
                value: this.money(board.change),
                detail: _t("last time %s", this.money(board.previous)),
            },
            {
                key: "jump",
                label: _t("±30 %"),
                value: this.count(board.jumps),
                filter: "jump",
                warn: board.jumps,
            },
            {
                key: "left_out",
                label: _t("Left out"),
                value: this.count(board.left_out),
                filter: "left_out",
                warn: board.left_out,
            },
        ];
    }

    get isEmpty() {
        return this.board.state === "preview" && !this.board.charges && !this.board.left_out;
    }

    count(number) {
        return formatInteger(number);
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.board.currency_id });
    }

    async openCharges(context) {
        const action = await this.orm.call(
            "property.bill.run", "action_view_charges", [this.props.record.resId], { context },
        );
        await this.action.doAction(action);
    }

    openFilter(filter) {
        const context = { [`search_default_${filter}`]: 1 };
        if (filter === "in_run") {
            context.search_default_group_by_unit = 1;
        }
        return this.openCharges(context);
    }

    openReason(reason) {
        return this.openCharges({ search_default_left_out: 1, property_reason: reason });
    }

    openFee(feeId) {
        return this.openCharges({ search_default_in_run: 1, search_default_fee_id: feeId });
    }

    async retry() {
        await this.orm.call("property.bill.run", "action_retry", [this.props.record.resId]);
        await this.props.record.load();
    }
}

registry.category("fields").add("property_bill_run_board", {
    component: BillRunBoard,
    displayName: _t("Bill run board"),
    supportedTypes: ["json"],
});
