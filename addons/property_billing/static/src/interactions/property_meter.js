import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { Interaction } from "@web/public/interaction";

/** What was used since the last time, and the photo; the form works without it, too. */
export class PropertyMeter extends Interaction {
    static selector = ".o_property_meter_form";
    dynamicContent = {
        ".o_property_dial": { "t-on-input": (ev) => this.showUse(ev.target) },
        "input[type='file']": { "t-on-change": (ev) => this.showPhoto(ev.target) },
        _root: { "t-on-submit": this.onSubmit },
    };

    start() {
        for (const input of this.el.querySelectorAll(".o_property_dial")) {
            this.showUse(input);
        }
    }

    showUse(input) {
        const row = input.closest(".o_property_register");
        const typed = input.value.normalize("NFKC").trim();
        const isNumber = /^\d+\.?\d*$/.test(typed);
        const use = Number(typed) - Number(row.dataset.previous);
        row.querySelector(".o_property_use").hidden = !isNumber || use < 0;
        row.querySelector(".o_property_lower").hidden = !isNumber || use >= 0;
        row.querySelector(".o_property_use strong").textContent = formatFloat(use, {
            digits: [16, 3],
            trailingZeros: false,
        });
    }

    showPhoto(input) {
        const image = this.el.querySelector(".o_property_photo img");
        const [file] = input.files;
        URL.revokeObjectURL(image.src);
        image.hidden = !file;
        for (const hint of this.el.querySelectorAll(".o_property_photo .fa, .o_property_photo_text")) {
            hint.hidden = Boolean(file);
        }
        if (file) {
            image.src = URL.createObjectURL(file);
        }
    }

    /** A photo takes a while: pressed twice, it would be sent twice. */
    onSubmit() {
        this.el.querySelector("button[type='submit']").disabled = true;
    }
}

registry.category("public.interactions").add("property_billing.meter", PropertyMeter);
