import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useRecordPolling } from "./record_polling";

/**
 * A bar for work that goes on in the background: as long as it is shown, it reloads the record.
 * Give it `invisible` once the work is over.
 */
export class ProgressField extends Component {
    static template = "property_base.ProgressField";
    static props = { ...standardFieldProps };

    setup() {
        useRecordPolling(this);
    }

    get percent() {
        return this.props.record.data[this.props.name] || 0;
    }
}

registry.category("fields").add("property_progress", {
    component: ProgressField,
    supportedTypes: ["integer", "float"],
});
