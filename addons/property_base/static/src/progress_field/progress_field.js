import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const INTERVAL = 1500;

/**
 * A bar for work that goes on in the background: as long as it is shown, it reloads the record.
 * Give it `invisible` once the work is over.
 */
export class ProgressField extends Component {
    static template = "property_base.ProgressField";
    static props = { ...standardFieldProps };

    setup() {
        let timer;
        let isShown = true;
        const poll = async () => {
            try {
                await this.props.record.load();
            } catch (error) {
                // A lost connection says so itself; the bar goes on when it is back.
                console.warn("The progress could not be read", error);
            }
            if (isShown) {
                timer = setTimeout(poll, INTERVAL);
            }
        };
        onMounted(() => {
            timer = setTimeout(poll, INTERVAL);
        });
        onWillUnmount(() => {
            isShown = false;
            clearTimeout(timer);
        });
    }

    get percent() {
        return this.props.record.data[this.props.name] || 0;
    }
}

registry.category("fields").add("property_progress", {
    component: ProgressField,
    supportedTypes: ["integer", "float"],
});
