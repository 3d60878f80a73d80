import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { WarningDialog } from "@web/core/errors/error_dialogs";

const APPLY_ACTION = "property_base.property_permission_action_apply";

/** Says what right is missing, and leads to where one applies for it. */
export class AccessErrorDialog extends WarningDialog {
    static template = "property_base.AccessErrorDialog";

    setup() {
        super.setup();
        this.action = useService("action");
        this.canApply = user.isInternalUser;
    }

    async apply() {
        this.props.close();
        await this.action.doAction(APPLY_ACTION, {
            additionalContext: { default_refusal: this.message },
        });
    }
}

registry
    .category("error_dialogs")
    .add("odoo.exceptions.AccessError", AccessErrorDialog, { force: true });

registry.category("user_menuitems").add("property_permission", (env) => ({
    type: "item",
    id: "property_permission",
    description: _t("Temporary permissions"),
    callback: () => env.services.action.doAction("property_base.property_permission_action", {
        additionalContext: { search_default_own: 1 },
        clearBreadcrumbs: true,
    }),
    sequence: 55,
}));
