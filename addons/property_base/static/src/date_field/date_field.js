import { DateTimeField } from "@web/views/fields/datetime/datetime_field";
import { ensureArray } from "@web/core/utils/arrays";
import { patch } from "@web/core/utils/patch";

patch(DateTimeField.prototype, {
    /**
     * Override: a date that was typed and became readonly by the same click (Preview, Post) went
     * on showing what it was before, since the picker that held it is closed after the record is
     * saved. What is readonly has no picker: it shows the record.
     */
    get values() {
        return this.props.readonly ? ensureArray(this.getRecordValue()) : super.values;
    },
});
