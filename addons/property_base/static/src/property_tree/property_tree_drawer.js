import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { PropertyTree } from "./property_tree";

/** The property tree on a phone: slides in over the page. */
export class PropertyTreeDrawer extends Component {
    static template = "property_base.PropertyTreeDrawer";
    static components = { PropertyTree };
    static props = { ...PropertyTree.props, onClose: Function };

    setup() {
        this.label = _t("Property tree");
    }

    select(node) {
        this.props.onClose();
        this.props.onSelect(node);
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            this.props.onClose();
        }
    }
}
