import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { debounce } from "@web/core/utils/timing";
import { user } from "@web/core/user";
import { uuid } from "@web/core/utils/strings";
import {
    DraftStorage,
    getDraft,
    hasErrors,
    isOdd,
    isOpen,
    isSame,
    isTyped,
    makeRow,
} from "./meter_sheet_store";

const MODEL = "property.meter.round";
// Rows that are left within this time are computed by one request.
const PATIENCE = 120;
// How long after an attempt the server is tried again that could not be reached.
const RETRY = 3000;
// Photos are sent in parts of so many characters, each part stored as a whole.
const MAX_PART = 8_000_000;

/** The sheet of a round: what the server knows, what is typed, and what comes of it. */
export class MeterSheetModel {
    constructor(orm, roundId) {
        this.orm = orm;
        this.roundId = roundId;
        this.storage = new DraftStorage(roundId, user.userId);
        this.rows = [];
        this.byKey = new Map();
        this.state = reactive({
            sheet: null,
            date: "",
            counts: {},
            isSaving: false,
            isKept: true,
            isOffline: false,
            isWaiting: false, // to be saved once there is a connection again
        });
        this.queue = new Set();
        this.isAsking = false;
        this.token = null;
        this.isUnanswered = false;
        this.onConnected = () => {};
        this.ask = debounce(() => this.compute(), PATIENCE);
        this.keepSoon = debounce(() => this.keep(), PATIENCE);
    }

    // ---------------------------------------------------------------------
    // Loading
    // ---------------------------------------------------------------------

    async load() {
        const draft = this.storage.read();
        const sheet = await this.fetch(draft.date);
        this.token = draft.token || null;
        this.show(sheet, draft.rows);
        for (const row of this.rows.filter(isTyped)) {
            this.queue.add(row.meter_id);
        }
        this.ask();
        this.showAmounts();
    }

    async fetch(date) {
        return this.call("get_sheet", [date || false]);
    }

    /** What saved readings cost; the sheet does not wait for it. */
    async showAmounts() {
        const isRead = (rows) => rows.every((row) => !isOpen(row));
        if (!this.state.sheet.shows_money || ![...this.byMeter.values()].some(isRead)) {
            return;
        }
        let amounts;
        try {
            amounts = await this.call("get_amounts", [], { isSilent: true });
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return;
            }
            throw error;
        }
        for (const [meterId, rows] of this.byMeter) {
            if (isRead(rows)) {
                for (const row of rows) {
                    row.amount = row === rows.at(-1) ? (amounts[meterId] ?? null) : null;
                }
            }
        }
        this.count();
    }

    // ---------------------------------------------------------------------
    // The connection
    // ---------------------------------------------------------------------

    async call(method, args, { isSilent = false } = {}) {
        try {
            const orm = isSilent ? this.orm.silent : this.orm;
            const answer = await orm.call(MODEL, method, [this.roundId, ...args]);
            this.state.isOffline = false;
            return answer;
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                this.loseConnection();
            }
            throw error;
        }
    }

    loseConnection() {
        this.state.isOffline = true;
        browser.clearTimeout(this.retry);
        this.retry = browser.setTimeout(() => this.reconnect(), RETRY);
    }

    /** Once the server answers again, it is given what it was not given meanwhile. */
    async reconnect() {
        browser.clearTimeout(this.retry);
        try {
            await rpc("/web/webclient/version_info", {}, { silent: true });
        } catch {
            if (!this.isLeft) {
                this.loseConnection();
            }
            return;
        }
        if (this.state.isOffline && !this.isLeft) {
            this.state.isOffline = false;
            if (this.state.date !== this.state.sheet.date) {
                await this.synchronise();
            }
            this.ask();
            this.onConnected();
        }
    }

    /** What others have done meanwhile: who pays, what was read, which meters came and went. */
    async synchronise() {
        this.keep();
        const sheet = await this.fetch(this.state.date);
        const before = new Map(
            this.rows.map((row) => [row.key, { payer: row.payer, id: row.present?.id }])
        );
        this.show(sheet, {});
        const changes = { come: 0, gone: 0, payers: 0, read: 0 };
        for (const row of this.rows) {
            const old = before.get(row.key);
            before.delete(row.key);
            const hasOther = Boolean(old) && old.payer !== row.payer;
            const isRead = Boolean(row.present) && row.present.id !== old?.id;
            changes.come += !old;
            changes.payers += hasOther;
            changes.read += Boolean(old) && isRead;
            row.isChanged = !old || hasOther || isRead;
        }
        changes.gone = before.size;
        this.keep();
        this.showAmounts();
        return changes;
    }

    show(sheet, drafts) {
        const { rows, ...facts } = sheet;
        this.rows = rows.map((data) => {
            const key = `${data.meter_id}:${data.register}`;
            const row = this.byKey.get(key);
            const shown = row ? Object.assign(row, data) : makeRow(data, drafts[key]);
            if (!isOpen(shown) && isTyped(shown)) {
                if (shown.value && !isSame(shown.value, shown.present.value) && !hasErrors(shown)) {
                    shown.errors = {
                        value: _t("Saved meanwhile by %(user)s: %(saved)s. You typed %(typed)s.", {
                            user: shown.present.user,
                            saved: shown.present.value,
                            typed: shown.value,
                        }),
                    };
                }
                // An attempt to save whose answer was lost has come to its end.
                Object.assign(shown, { value: "", first: "", note: "" });
                this.token = null;
            }
            return shown;
        });
        this.byKey = new Map(this.rows.map((row) => [row.key, row]));
        this.byMeter = Map.groupBy(this.rows, (row) => row.meter_id);
        this.hasRegisters = Object.keys(facts.registers).length > 1;
        this.state.sheet = facts;
        this.state.date = facts.date;
        this.count();
    }

    // ---------------------------------------------------------------------
    // Typing
    // ---------------------------------------------------------------------

    get isClosed() {
        return this.state.sheet.state !== "open";
    }

    canType(row) {
        return !this.isClosed && !row.fault && isOpen(row);
    }

    /** Whether what its device read can be taken as it is. */
    canTake(row) {
        return Boolean(row.device) && !isTyped(row) && this.canType(row);
    }

    type(row, field, text) {
        if (row[field] === text || !this.canType(row)) {
            return;
        }
        row[field] = text;
        this.forget(row, field);
        this.token = null;
        this.count();
        this.keepSoon();
    }

    /** What was computed of a cell, or said of it, is of another text. */
    forget(row, field) {
        if (field !== "note") {
            for (const other of this.byMeter.get(row.meter_id)) {
                other.amount = null;
            }
            Object.assign(row, { use: null, oddity: "", isComputed: false });
        }
        const { [field]: _gone, [field === "first" ? "first_value" : field]: _told, ...errors } =
            row.errors;
        delete errors.meter_id;
        delete errors.date;
        row.errors = errors;
    }

    takeBack(row) {
        for (const field of ["value", "first", "note"]) {
            row[field] = "";
            this.forget(row, field);
        }
        row.errors = {};
        this.token = null;
        this.count();
        this.keep();
    }

    async setPhoto(row, photo) {
        await this.storage.writePhoto(row.key, photo);
        row.hasPhoto = Boolean(photo);
        this.token = null;
        this.keep();
    }

    async setDate(date) {
        this.state.date = date;
        this.token = null;
        await this.synchronise();
        for (const row of this.rows.filter((row) => this.canType(row) && isTyped(row))) {
            this.computeSoon(row);
        }
    }

    get drafts() {
        const drafts = {};
        for (const row of this.rows) {
            const draft = getDraft(row);
            if (Object.keys(draft).length) {
                drafts[row.key] = draft;
            }
        }
        return drafts;
    }

    /** Into the browser, so that a reload, a crash or a flat battery takes nothing. */
    keep() {
        this.keepSoon.cancel();
        this.state.isKept = this.storage.write({
            rows: this.drafts,
            date: this.state.date,
            token: this.token,
        });
    }

    /** The sheet is left: what is typed is kept, and nothing is asked any more. */
    stop() {
        this.isLeft = true;
        this.ask.cancel();
        browser.clearTimeout(this.retry);
        this.keep();
    }

    // ---------------------------------------------------------------------
    // Computing
    // ---------------------------------------------------------------------

    /** Nobody waits for it: those that come while one request is under way go with the next. */
    computeSoon(row) {
        if (!isTyped(row) || !this.canType(row)) {
            return;
        }
        row.isComputing = !this.state.isOffline;
        this.queue.add(row.meter_id);
        this.ask();
    }

    async compute() {
        if (this.isAsking || !this.queue.size || this.state.isOffline) {
            return;
        }
        this.isAsking = true;
        const asked = [...this.queue].map((meterId) =>
            this.byMeter.get(meterId).filter((row) => isTyped(row) && this.canType(row))
        );
        this.queue.clear();
        const sent = new Map(asked.flat().map((row) => [row, `${row.first}|${row.value}`]));
        let results = {};
        try {
            results = await this.call(
                "preview_readings",
                [asked.filter((rows) => rows.length).map((rows) => this.prepareMeter(rows))],
                { isSilent: true }
            );
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            for (const row of sent.keys()) {
                this.queue.add(row.meter_id); // for when there is a connection again
            }
        } finally {
            this.isAsking = false;
            for (const [row, text] of sent) {
                row.isComputing = false;
                const result = results[row.meter_id];
                if (result && text === `${row.first}|${row.value}`) {
                    this.showResult(row, result);
                }
            }
            this.count();
            if (this.queue.size) {
                this.ask();
            }
        }
    }

    prepareMeter(rows) {
        return {
            meter_id: rows[0].meter_id,
            date: this.state.date,
            readings: Object.fromEntries(rows.map((row) => [row.register, row.value])),
            first_readings: Object.fromEntries(
                rows.filter((row) => row.first).map((row) => [row.register, row.first])
            ),
        };
    }

    showResult(row, result) {
        const errors = {};
        for (const error of result.errors) {
            if (!error.register || error.register === row.register) {
                errors[error.field] = error.message;
            }
        }
        const registers = this.byMeter.get(row.meter_id).filter(isTyped);
        Object.assign(row, {
            errors,
            isComputed: !hasErrors({ errors }),
            use: result.use[row.register] ?? null,
            oddity: result.oddities[row.register] || "",
            // What all registers cost together stands in the last of their rows.
            amount: row === registers.at(-1) && result.amount !== false ? result.amount : null,
        });
    }

    // ---------------------------------------------------------------------
    // Saving
    // ---------------------------------------------------------------------

    /**
     * All that is typed, or nothing of it if a cell is wrong. Without a connection it waits for one.
     *
     * @returns {Promise<{saved: number, queued: Object[]} | {errors: Object[]}>}
     */
    async save({ byPhone = false } = {}) {
        const getTyped = () => this.rows.filter((row) => isTyped(row) && this.canType(row));
        if (this.state.isSaving || !getTyped().length) {
            this.state.isWaiting = false;
            return null;
        }
        this.state.isSaving = true;
        try {
            if (this.isUnanswered && !this.token) {
                // What was sent may be stored, and something was typed since.
                await this.synchronise();
            }
            const typed = getTyped();
            const total = { saved: 0, queued: [] };
            for (const part of await this.getParts(typed)) {
                // The same one if the answer was lost, and what was typed is as it was then.
                this.token ||= uuid();
                this.keep();
                this.isUnanswered = true;
                const sent = part.map(({ row, photo }) => this.prepareRow(row, photo));
                const result = await this.call("save_readings", [sent, this.token, byPhone]);
                this.isUnanswered = false;
                this.token = null;
                if (result.errors) {
                    this.state.isWaiting = false;
                    this.showErrors(part, result.errors);
                    await this.refresh();
                    return result;
                }
                total.saved += result.saved;
                total.queued.push(...result.queued);
                for (const [place, { row }] of part.entries()) {
                    await this.clear(row, sent[place]);
                }
                this.keep();
            }
            this.state.isWaiting = false;
            await this.refresh();
            return total;
        } catch (error) {
            this.state.isWaiting = error instanceof ConnectionLostError && getTyped().length > 0;
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            return null;
        } finally {
            this.state.isSaving = false;
        }
    }

    /** The rows with their photos; in one part, as long as these are not very large. */
    async getParts(rows) {
        const parts = [[]];
        let size = 0;
        for (const row of rows) {
            const photo = (row.hasPhoto && (await this.storage.readPhoto(row.key))) || "";
            if (size + photo.length > MAX_PART && size) {
                parts.push([]);
                size = 0;
            }
            parts.at(-1).push({ row, photo });
            size += photo.length;
        }
        return parts;
    }

    prepareRow(row, photo) {
        return {
            meter_id: row.meter_id,
            register: row.register,
            value: row.value,
            date: this.state.date,
            ...(row.first && { first_value: row.first }),
            ...(row.note && { note: row.note }),
            ...(photo && { photo }),
        };
    }

    showErrors(part, errors) {
        for (const error of errors) {
            const { row } = part[error.row];
            row.errors = { ...row.errors, [error.field]: error.message };
        }
        this.count();
    }

    async clear(row, sent) {
        if (row.value === sent.value) {
            Object.assign(row, { value: "", first: "", note: "", errors: {} });
        } // else: it was changed while it was under way
        if (row.hasPhoto) {
            row.hasPhoto = false;
            await this.storage.writePhoto(row.key, "");
        }
    }

    /** What is stored now; what was computed of it stays to be looked at. */
    async refresh() {
        await this.synchronise();
        for (const row of this.rows) {
            row.isChanged = false;
        }
    }

    // ---------------------------------------------------------------------
    // Counting
    // ---------------------------------------------------------------------

    count() {
        const counts = { all: 0, read: 0, missing: 0, odd: 0, wrong: 0, typed: 0, use: 0, amount: 0 };
        for (const row of this.rows) {
            counts.all++;
            const isRead = !isOpen(row);
            const isNew = !isRead && isTyped(row);
            counts.read += isRead;
            counts.typed += isNew;
            counts.missing += !isRead && !isNew;
            counts.odd += isOdd(row);
            counts.wrong += hasErrors(row);
            counts.use += Number((isRead ? row.present.use : row.use) || 0);
            counts.amount += row.amount || 0;
        }
        counts.use = Math.round(counts.use * 1000) / 1000;
        this.state.counts = counts;
    }
}
