import { registry } from "@web/core/registry";
import { capitalize } from "@web/core/utils/strings";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

const { DateTime } = luxon;

export class DaysLeftField extends RemainingDaysField {
    /**
     * Override: how many days. The calendar says "next month" of all from its first day on, though
     * that may be tomorrow week.
     */
    get diffString() {
        const days = Math.abs(this.diffDays || 0);
        if (days < 2 || days > 99) {
            return super.diffString;
        }
        const base = DateTime.local().startOf("day");
        const value = this.props.record.data[this.props.name].startOf("day");
        return capitalize(value.toRelative({ base, unit: "days" }));
    }
}

registry.category("fields").add("property_days_left", {
    ...remainingDaysField,
    component: DaysLeftField,
});
