import { scalePhoto } from "@property_billing/meter_sheet/scale_photo";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { Interaction } from "@web/public/interaction";

/** What was used since the last time, and the photo; the form works without it, too. */
export class PropertyMeter extends Interaction {
    static selector = ".o_property_meter_form";
    dynamicContent = {
        ".o_property_dial": { "t-on-input": (ev) => this.onInput(ev.target) },
        "input[type='file']": { "t-on-change": (ev) => this.onPhoto(ev.target) },
        _root: { "t-on-submit": (ev) => this.onSubmit(ev) },
        // Back on the page as it was left.
        _window: { "t-on-pageshow": () => this.setSending(false) },
    };

    start() {
        for (const input of this.el.querySelectorAll(".o_property_dial")) {
            this.showUse(input);
        }
    }

    onInput(input) {
        input.classList.remove("is-invalid");
        input.setAttribute("aria-invalid", "false");
        input.closest(".o_property_register").querySelector(".o_property_fault")?.remove();
        this.showUse(input);
    }

    showUse(input) {
        const row = input.closest(".o_property_register");
        const typed = input.value.normalize("NFKC").trim();
        const isNumber = /^\d+\.?\d*$/.test(typed);
        const use = (Number(typed) - Number(row.dataset.previous)) * Number(row.dataset.multiplier);
        row.querySelector(".o_property_use").hidden = !isNumber || use < 0;
        row.querySelector(".o_property_lower").hidden = !isNumber || use >= 0;
        row.querySelector(".o_property_use strong").textContent = formatFloat(use, {
            digits: [16, 3],
            trailingZeros: false,
        });
    }

    /** A photo as phones take it is larger than what is kept, and slow to send. */
    async onPhoto(input) {
        const [file] = input.files;
        this.el.querySelector(".o_property_photo_fault")?.remove();
        let isPhoto = true;
        if (file) {
            this.button.disabled = true;
            try {
                const photo = await this.waitFor(scalePhoto(file));
                const bytes = Uint8Array.from(atob(photo), (char) => char.charCodeAt(0));
                const transfer = new DataTransfer();
                transfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
                input.files = transfer.files;
            } catch {
                isPhoto = false;
                input.value = "";
            }
            this.button.disabled = false;
        }
        this.el.querySelector(".o_property_no_photo").hidden = isPhoto;
        this.showPhoto(input);
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

    /** Without a connection the browser would leave the page, and what was typed be lost. */
    onSubmit(ev) {
        this.el.querySelector(".o_property_offline").hidden = navigator.onLine;
        if (navigator.onLine) {
            this.setSending(true);
        } else {
            ev.preventDefault();
        }
    }

    /** It takes a while: pressed twice, it would be sent twice. */
    setSending(isSending) {
        this.button.disabled = isSending;
        this.el.querySelector(".o_property_sending").hidden = !isSending;
    }

    get button() {
        return this.el.querySelector("button[type='submit']");
    }
}

registry.category("public.interactions").add("property_billing.meter", PropertyMeter);
