import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const PUSH_URL = "/my/messages/push";
const WORKER_URL = "/my/messages/service-worker.js";

/** The bytes of a key, which is written in base64url. */
function toBytes(text) {
    const padded = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

/** Switches the messages of the portal in this browser on and off. */
export class PropertyPush extends Interaction {
    static selector = ".o_property_push";
    dynamicContent = {
        ".o_property_push_none": { "t-att-class": () => this.showOnly("none") },
        ".o_property_push_blocked": { "t-att-class": () => this.showOnly("blocked") },
        ".o_property_push_on": {
            "t-att-class": () => this.showOnly("off"),
            "t-on-click": this.locked(this.switchOn),
        },
        ".o_property_push_off": {
            "t-att-class": () => this.showOnly("on"),
            "t-on-click": this.locked(this.switchOff),
        },
    };

    setup() {
        this.state = "none";
    }

    async willStart() {
        if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
            return;
        }
        this.registration = await navigator.serviceWorker.register(WORKER_URL, { scope: "/my" });
        this.subscription = await this.registration.pushManager.getSubscription();
        this.updateState();
    }

    showOnly(state) {
        return { "d-none": this.state !== state };
    }

    updateState() {
        if (Notification.permission === "denied") {
            this.state = "blocked";
        } else {
            this.state = this.subscription ? "on" : "off";
        }
    }

    async switchOn() {
        if ((await Notification.requestPermission()) === "granted") {
            try {
                const key = await rpc(PUSH_URL, {});
                this.subscription = await this.registration.pushManager.subscribe({
                    userVisibleOnly: true,
                    applicationServerKey: toBytes(key),
                });
                await rpc(PUSH_URL, {
                    subscription: { ...this.subscription.toJSON(), vapid_public_key: key },
                });
            } catch {
                this.services.notification.add(this.el.dataset.error, { type: "danger" });
            }
        }
        this.updateState();
    }

    async switchOff() {
        await rpc(PUSH_URL, { endpoint: this.subscription.endpoint });
        await this.subscription.unsubscribe();
        this.subscription = null;
        this.updateState();
    }
}

registry.category("public.interactions").add("property_base.push", PropertyPush);
