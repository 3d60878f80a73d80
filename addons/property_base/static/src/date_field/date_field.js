import { DateTimeField } from "@web/views/fields/datetime/datetime_field";
import { ensureArray } from "@web/core/utils/arrays";
import { areDatesEqual } from "@web/core/l10n/dates";
import { patch } from "@web/core/utils/patch";
import { onWillRender } from "@odoo/owl";

patch(DateTimeField.prototype, {
    /**
     * Override: a date that was typed and whose change the server answers showed what was there
     * before, and took it back with the next click: the closed picker had kept it. A picker that
     * is not open holds what the record holds.
     */
    setup() {
        super.setup();
        onWillRender(() => {
            const value = this.getRecordValue();
            if (!this.picker.activeInput && !areDatesEqual(this.state.value, value)) {
                this.state.value = value;
            }
        });
    },

    /**
     * Override: a date that was typed and became readonly by the same click (Preview, Post) went
     * on showing what it was before, since the picker that held it is closed after the record is
     * saved. What is readonly has no picker: it shows the record.
     */
    get values() {
        return this.props.readonly ? ensureArray(this.getRecordValue()) : super.values;
    },
});
