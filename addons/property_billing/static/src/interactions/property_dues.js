import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { Interaction } from "@web/public/interaction";

/** The total and the selection of the charges to pay; the form works without it, too. */
export class PropertyDues extends Interaction {
    static selector = ".o_property_dues_form";
    dynamicContent = {
        ".o_property_select_all": { "t-att-class": () => ({ "d-none": false, "d-flex": true }) },
        ".o_property_select_all input": {
            "t-on-change": (ev) => this.selectAll(ev.target.checked),
            "t-att-checked": () => this.isAllSelected,
        },
        "input[name='charge']": { "t-on-change": () => {} },
        ".o_property_due input[type='number']": {
            "t-on-input": this.onAmountInput,
            "t-on-invalid": this.onAmountInvalid,
        },
        ".o_property_total": { "t-out": () => this.format(this.total) },
        "button[type='submit']": { "t-att-disabled": () => !this.total },
    };

    get boxes() {
        return [...this.el.querySelectorAll("input[name='charge']:not(:disabled)")];
    }

    get isAllSelected() {
        return this.boxes.every((box) => box.checked);
    }

    get total() {
        return this.boxes
            .filter((box) => box.checked)
            .map((box) => this.el.elements[`amount_${box.value}`].valueAsNumber || 0)
            .reduce((sum, amount) => sum + amount, 0);
    }

    selectAll(checked) {
        for (const box of this.boxes) {
            box.checked = checked;
        }
    }

    /** Who enters a part wants to pay it. */
    onAmountInput(ev) {
        const id = ev.target.name.replace("amount_", "");
        this.el.querySelector(`#charge_${id}`).checked = true;
    }

    /** Folded away, the browser could not show what is wrong with it: Pay would do nothing. */
    onAmountInvalid(ev) {
        ev.target.closest("details").open = true;
    }

    format(amount) {
        const { symbol, position, digits } =
            this.el.querySelector(".o_property_pay_bar").dataset;
        const number = formatFloat(amount, { digits: [16, Number(digits)] });
        return position === "before" ? `${symbol}\u00a0${number}` : `${number}\u00a0${symbol}`;
    }
}

registry.category("public.interactions").add("property_billing.dues", PropertyDues);
