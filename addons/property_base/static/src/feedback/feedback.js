import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";

const CAPTURING = "o_property_capturing";
const MAX_WIDTH = 1920;

/** One picture of what the browser shows, the person having said which window; as a data URL. */
export async function captureScreen() {
    const stream = await browser.navigator.mediaDevices.getDisplayMedia({
        video: true,
        preferCurrentTab: true,
    });
    document.body.classList.add(CAPTURING);
    try {
        const video = document.createElement("video");
        video.srcObject = stream;
        await video.play();
        // The frame after the next one shows the page without the dialog.
        await new Promise((resolve) => browser.setTimeout(resolve, 300));
        const scale = Math.min(1, MAX_WIDTH / video.videoWidth);
        const canvas = document.createElement("canvas");
        canvas.width = video.videoWidth * scale;
        canvas.height = video.videoHeight * scale;
        canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
        return canvas.toDataURL("image/jpeg", 0.9);
    } finally {
        document.body.classList.remove(CAPTURING);
        stream.getTracks().forEach((track) => track.stop());
    }
}

function readPicture(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = reject;
        reader.readAsDataURL(file);
    });
}

/** What staff say about the system, from the screen where they are at. */
export class FeedbackDialog extends Component {
    static template = "property_base.FeedbackDialog";
    static components = { Dialog };
    static props = { url: String, close: Function };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ description: "", proposal: "", picture: null, isSending: false });
        // Phones, and pages that are not served by https, have no such thing.
        this.canCapture = Boolean(browser.navigator.mediaDevices?.getDisplayMedia);
        useAutofocus({ refName: "description" });
        this.onPaste = (ev) => this.paste(ev);
        document.addEventListener("paste", this.onPaste);
        onWillUnmount(() => document.removeEventListener("paste", this.onPaste));
    }

    get canSend() {
        return Boolean(this.state.description.trim()) && !this.state.isSending;
    }

    async capture() {
        try {
            this.state.picture = await captureScreen();
        } catch (error) {
            if (error.name !== "NotAllowedError") {
                throw error;
            } // else the person has thought better of it
        }
    }

    async paste(ev) {
        const item = [...(ev.clipboardData?.items || [])].find((item) =>
            item.type.startsWith("image/")
        );
        if (item) {
            ev.preventDefault();
            this.state.picture = await readPicture(item.getAsFile());
        }
    }

    async upload(ev) {
        const [file] = ev.target.files;
        if (file) {
            this.state.picture = await readPicture(file);
        }
    }

    async send() {
        this.state.isSending = true;
        try {
            await this.orm.call("property.feedback", "submit_about_system", [], {
                description: this.state.description,
                proposal: this.state.proposal,
                picture: this.state.picture && this.state.picture.split(",")[1],
                url: this.props.url,
            });
        } finally {
            this.state.isSending = false;
        }
        this.notification.add(_t("Thank you. You find the answer under “My feedback”."), {
            type: "success",
        });
        this.props.close();
    }

    async openOwn() {
        this.props.close();
        await this.action.doAction("property_base.property_feedback_action_own");
    }
}

export class FeedbackButton extends Component {
    static template = "property_base.FeedbackButton";
    static props = {};

    setup() {
        this.dialog = useService("dialog");
    }

    open() {
        this.dialog.add(FeedbackDialog, { url: browser.location.href });
    }
}

registry
    .category("systray")
    .add("property_base.feedback", { Component: FeedbackButton }, { sequence: 60 });
