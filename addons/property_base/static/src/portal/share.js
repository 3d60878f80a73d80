import { _t } from "@web/core/l10n/translation";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Hands an address, else that of the page, to the phone's own sharing or to the clipboard. */
export class PropertyShare extends Interaction {
    static selector = ".o_property_share";
    dynamicContent = {
        _root: { "t-on-click": this.share },
    };

    async share() {
        const url = this.el.dataset.url || browser.location.href;
        if (browser.navigator.share) {
            // Refused by whoever closes the sheet without choosing.
            await browser.navigator.share({ title: this.el.dataset.title, url }).catch(() => {});
            return;
        }
        await browser.navigator.clipboard.writeText(url);
        this.services.notification.add(_t("The link has been copied."), { type: "success" });
    }
}

registry.category("public.interactions").add("property_base.share", PropertyShare);
