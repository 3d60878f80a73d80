import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** A text that the camera can fill in. */
export class ScanField extends CharField {
    static template = "property_base.ScanField";

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.hasCamera = isBarcodeScannerSupported();
    }

    async onScan() {
        let code;
        try {
            code = await scanBarcode(this.env);
        } catch (error) {
            this.notification.add(error.message || _t("The camera cannot be used."), {
                type: "warning",
            });
            return;
        }
        await this.props.record.update({ [this.props.name]: code });
    }
}

registry.category("fields").add("property_scan", { ...charField, component: ScanField });
