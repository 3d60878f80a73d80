import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** Readings to check, one after the other: whoever has decided about one sees the next. */
export class ReadingQueueController extends FormController {
    setup() {
        super.setup();
        let before = {};
        useEffect(
            (resId, state) => {
                const isDecided = before.resId === resId && before.state === "queued";
                before = { resId, state };
                if (isDecided && state !== "queued") {
                    this.showNext();
                }
            },
            () => [this.model.root.resId, this.model.root.data.state]
        );
    }

    async showNext() {
        const { resId, resIds } = this.model.root;
        const place = resIds.indexOf(resId);
        const rest = resIds.filter((id) => id !== resId);
        if (rest.length) {
            await this.model.load({ resId: rest[Math.min(place, rest.length - 1)], resIds: rest });
        } else {
            this.env.config.historyBack();
        }
    }
}

registry.category("views").add("property_reading_queue", {
    ...formView,
    Controller: ReadingQueueController,
});
