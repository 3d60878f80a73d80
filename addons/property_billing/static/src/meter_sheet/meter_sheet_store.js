import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { IndexedDB } from "@web/core/utils/indexed_db";
import { session } from "@web/session";

const PHOTO_TABLE = "photos";
const VERSION = "1";

/** What was typed and photographed for a round by this user, and is not saved yet. */
export class DraftStorage {
    constructor(roundId, userId) {
        this.key = `property_meter_sheet:${session.db}:${userId}:${roundId}`;
        this.photos = new IndexedDB("property_meter_photos", VERSION);
    }

    /** @returns {{rows: Object, date: string | undefined, token: string | undefined}} */
    read() {
        try {
            return { rows: {}, ...JSON.parse(browser.localStorage.getItem(this.key)) };
        } catch {
            return { rows: {} };
        }
    }

    write(draft) {
        try {
            if (Object.keys(draft.rows).length) {
                browser.localStorage.setItem(this.key, JSON.stringify(draft));
            } else {
                browser.localStorage.removeItem(this.key);
            }
            return true;
        } catch {
            return false; // no room is left, or the browser keeps nothing
        }
    }

    readPhoto(rowKey) {
        return this.photos.read(PHOTO_TABLE, `${this.key}:${rowKey}`);
    }

    writePhoto(rowKey, photo) {
        return this.photos.write(PHOTO_TABLE, `${this.key}:${rowKey}`, photo || "");
    }
}

const DRAFT_FIELDS = ["value", "first", "note", "hasPhoto"];

/** A register of a meter: what the server says of it, what is typed, and what that would give. */
export function makeRow(data, typed = {}) {
    return reactive({
        ...data,
        key: `${data.meter_id}:${data.register}`,
        value: "",
        first: "",
        note: "",
        hasPhoto: false,
        ...Object.fromEntries(
            DRAFT_FIELDS.filter((name) => name in typed).map((name) => [name, typed[name]])
        ),
        use: null,
        amount: null,
        oddity: "",
        errors: {},
        isComputing: false,
        isComputed: false,
        isChanged: false,
    });
}

/** Whether something can still be typed for it in this round. */
export function isOpen(row) {
    return !row.present || row.present.state === "refused";
}

export function isTyped(row) {
    return Boolean(row.value || row.first);
}

/** Whether two texts are one reading. */
export function isSame(text, other) {
    return Number(text.normalize("NFKC")) === Number(other);
}

export function isOdd(row) {
    return isOpen(row) ? Boolean(row.oddity) : row.present.state === "queued";
}

export function hasErrors(row) {
    return Object.keys(row.errors).length > 0;
}

export function getDraft(row) {
    const draft = {};
    for (const name of DRAFT_FIELDS) {
        if (row[name]) {
            draft[name] = row[name];
        }
    }
    return draft;
}
