import {
    Component,
    markRaw,
    onMounted,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MeterSheetCards } from "./meter_sheet_cards";
import { MeterSheetGrid } from "./meter_sheet_grid";
import { MeterSheetHelp } from "./meter_sheet_help";
import { MeterSheetModel } from "./meter_sheet_model";
import { hasErrors, isOdd, isOpen, isTyped } from "./meter_sheet_store";

const FILTERS = {
    all: () => true,
    missing: (row) => isOpen(row) && !isTyped(row),
    read: (row) => !isOpen(row),
    typed: (row) => isOpen(row) && isTyped(row),
    odd: isOdd,
    wrong: hasErrors,
};

/** The reading sheet of a round (表具抄录): a grid for the keyboard, cards for the phone. */
export class MeterSheet extends Component {
    static template = "property_billing.MeterSheet";
    static components = { Layout, MeterSheetCards, MeterSheetGrid };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        useBus(this.ui.bus, "resize", () => this.render());
        this.findRef = useRef("find");
        const { context } = this.props.action;
        this.roundId = context.active_id || router.current.active_id;
        this.model = new MeterSheetModel(this.orm, this.roundId);
        this.sheetState = useState(this.model.state);
        this.state = useState({ filter: "all", query: "", rows: markRaw([]), notice: null, saved: null });
        this.cursor = useState({ index: 0, column: "value", isEditing: false, tick: 0 });
        this.hasCamera = isBarcodeScannerSupported();
        this.keys = {
            keydown: (ev, page) => this.onGridKeydown(ev, page),
            attach: (take) => {
                this.take = take;
            },
            point: (index, column, isEditing) => this.point(index, column, isEditing),
        };
        useSetupAction({ beforeLeave: () => this.model.keep() });
        this.model.onConnected = () => this.sheetState.isWaiting && this.save();
        useExternalListener(window, "offline", () => this.sheet && this.model.loseConnection());
        useExternalListener(window, "online", () => this.sheet && this.model.reconnect());
        useExternalListener(window, "pagehide", () => this.roundId && this.model.keep());
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev), { capture: true });
        onWillStart(async () => {
            if (this.roundId) {
                await this.model.load();
                this.applyFilter("all");
                this.start();
            }
        });
        onMounted(() => this.announceStart());
        onWillUnmount(() => this.roundId && this.model.stop());
    }

    // ---------------------------------------------------------------------
    // Where the cursor is
    // ---------------------------------------------------------------------

    /** At the meter whose label was scanned, else at the first one to be read. */
    start() {
        const meterId = this.props.action.context.meter_id || Number(router.current.meter);
        const { rows } = this.state;
        const scanned = rows.findIndex((row) => row.meter_id === meterId);
        const missing = rows.findIndex((row) => this.model.canType(row) && !isTyped(row));
        this.goTo(Math.max(0, scanned >= 0 ? scanned : missing));
    }

    announceStart() {
        const restored = this.model.rows.filter((row) => this.model.canType(row) && isTyped(row));
        if (restored.length) {
            this.notification.add(
                _t("%s readings that were typed before and are not saved are here again.", restored.length),
                { type: "info" }
            );
        }
    }

    applyFilter(name) {
        const current = this.current;
        this.state.filter = name;
        // Each line renders itself when its row changes, not the whole sheet.
        this.state.rows = markRaw(this.model.rows.filter(FILTERS[name]));
        this.goTo(Math.max(0, current ? this.state.rows.indexOf(current) : 0));
    }

    get current() {
        return this.state.rows[this.cursor.index];
    }

    getColumns(row) {
        return row.previous === false ? ["first", "value", "note"] : ["value", "note"];
    }

    goTo(index, column, isEditing = false) {
        const row = this.state.rows[index];
        if (row) {
            const columns = this.getColumns(row);
            const wanted = column || (columns[0] === "first" && !row.first ? "first" : "value");
            this.cursor.index = index;
            this.cursor.column = columns.includes(wanted) ? wanted : "value";
            this.before = { value: row.value, first: row.first, note: row.note };
        }
        this.cursor.isEditing = isEditing;
        this.cursor.tick++;
        this.take?.();
    }

    point(index, column, isEditing = false) {
        this.goTo(index, column || this.cursor.column, isEditing);
    }

    move(step) {
        const last = this.state.rows.length - 1;
        this.goTo(Math.max(0, Math.min(last, this.cursor.index + step)), this.cursor.column);
    }

    /** Enter: what is typed is computed, and the next one is there at once. */
    enter(step) {
        const row = this.current;
        if (this.cursor.column === "value" && this.model.canTake(row)) {
            this.model.type(row, "value", row.device);
        }
        this.model.computeSoon(row);
        const { rows } = this.state;
        let index = this.cursor.index + step;
        while (rows[index] && !this.model.canType(rows[index])) {
            index += step;
        }
        if (rows[index]) {
            const { column } = this.cursor;
            this.goTo(index, column === "note" ? "note" : undefined);
        } else {
            this.goTo(this.cursor.index, this.cursor.column);
        }
    }

    /** The cell beside; false at the end of the sheet, where Tab goes on to the next button. */
    tab(step) {
        const columns = this.getColumns(this.current);
        const place = columns.indexOf(this.cursor.column) + step;
        if (columns[place]) {
            this.goTo(this.cursor.index, columns[place]);
            return true;
        }
        const index = this.cursor.index + step;
        const row = this.state.rows[index];
        if (!row) {
            return false;
        }
        this.goTo(index, this.getColumns(row).at(step > 0 ? 0 : -1));
        return true;
    }

    takeBack() {
        const row = this.current;
        const { column, isEditing } = this.cursor;
        if (this.before && row[column] !== this.before[column]) {
            this.model.type(row, column, this.before[column]);
        } else if (!isEditing) {
            this.model.takeBack(row);
        }
        this.goTo(this.cursor.index, column);
    }

    // ---------------------------------------------------------------------
    // Keys
    // ---------------------------------------------------------------------

    onGridKeydown(ev, page) {
        if (ev.isComposing || ev.keyCode === 229 || !this.current) {
            return; // somebody is writing Chinese
        }
        const { isEditing, column } = this.cursor;
        const input = ev.target;
        const isWriting = isEditing || (column === "note" && input.selectionStart === input.selectionEnd && input.value);
        const does = {
            Enter: () => this.enter(ev.shiftKey ? -1 : 1),
            Tab: () => this.tab(ev.shiftKey ? -1 : 1),
            ArrowUp: () => this.move(-1),
            ArrowDown: () => this.move(1),
            ArrowLeft: () => !isWriting && this.tabInRow(-1),
            ArrowRight: () => !isWriting && this.tabInRow(1),
            PageUp: () => this.move(-page),
            PageDown: () => this.move(page),
            Home: () => ev.ctrlKey && this.goTo(0, column),
            End: () => ev.ctrlKey && this.goTo(this.state.rows.length - 1, column),
            F2: () => this.goTo(this.cursor.index, column, true),
            Escape: () => this.takeBack(),
            "/": () => column !== "note" && this.focusFind(),
            "?": () => column !== "note" && this.openHelp(),
        }[ev.key === "？" ? "?" : ev.key === "、" ? "/" : ev.key];
        if (does && !(ev.ctrlKey && ev.key !== "Home" && ev.key !== "End") && !ev.altKey && does() !== false) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    tabInRow(step) {
        const columns = this.getColumns(this.current);
        const column = columns[columns.indexOf(this.cursor.column) + step];
        this.goTo(this.cursor.index, column || this.cursor.column);
    }

    /** Keys of the whole page, wherever the focus is. */
    onKeydown(ev) {
        if (!this.sheet || this.ui.activeElement !== document) {
            return;
        }
        const isTyping = ["INPUT", "TEXTAREA"].includes(ev.target.tagName);
        const does = {
            F4: () => this.applyFilter(this.state.filter === "missing" ? "all" : "missing"),
            F8: () => this.scan(),
            // In a cell these two are keys of the grid.
            ...(!isTyping && { "/": () => this.focusFind(), "?": () => this.openHelp() }),
        }[ev.key];
        if (does && !ev.ctrlKey && !ev.altKey) {
            ev.preventDefault();
            does();
        } else if ((ev.ctrlKey || ev.metaKey) && ev.key.toLowerCase() === "s" && !ev.altKey) {
            ev.preventDefault();
            ev.stopPropagation();
            this.save();
        }
    }

    onFindKeydown(ev) {
        if (ev.isComposing || ev.keyCode === 229) {
            return;
        }
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.find();
        } else if (["Escape", "ArrowDown"].includes(ev.key)) {
            ev.preventDefault();
            ev.stopPropagation();
            this.goTo(this.cursor.index, this.cursor.column);
        }
    }

    focusFind() {
        this.findRef.el.focus();
        this.findRef.el.select();
    }

    openHelp() {
        this.dialog.add(MeterSheetHelp, {}, {
            onClose: () => this.goTo(this.cursor.index, this.cursor.column),
        });
    }

    // ---------------------------------------------------------------------
    // Finding
    // ---------------------------------------------------------------------

    /** The next row that holds the text; what is none is asked of the server, as a code is. */
    async find() {
        const text = this.state.query.trim();
        if (!text) {
            return;
        }
        const wanted = text.toLowerCase();
        const { rows } = this.model;
        const start = rows.indexOf(this.current);
        const fits = (row) =>
            [row.name, row.number, row.payer].some((value) => value.toLowerCase().includes(wanted));
        const isWhole = (row) =>
            [row.name, row.number, row.name.split("-").at(-1)].some(
                (value) => value.toLowerCase() === wanted
            );
        for (const test of [isWhole, fits]) {
            for (let step = 1; step <= rows.length; step++) {
                const row = rows[(start + step) % rows.length];
                if (test(row)) {
                    this.reach(row);
                    return;
                }
            }
        }
        await this.look(text);
    }

    /** Show a row, whatever the filter hides. */
    reach(row) {
        this.state.notice = null;
        if (!this.state.rows.includes(row)) {
            this.applyFilter("all");
        }
        this.goTo(this.state.rows.indexOf(row));
    }

    async scan() {
        let code;
        try {
            code = await scanBarcode(this.env);
        } catch (error) {
            this.tell(error.message || _t("The camera cannot be used."), "warning");
            return;
        }
        await this.look(code);
    }

    /** Labels of this round are known here, also where there is no connection. */
    async look(code) {
        const token = code.split("/m/").at(-1);
        const known = this.model.rows.find((row) => row.token === token || row.number === code.trim());
        if (known) {
            this.reach(known);
            return;
        }
        const answer = await this.unlessOffline(() => this.model.call("scan", [code]));
        if (!answer) {
            this.tell(_t("“%s” is no meter of this round.", code), "danger");
            return;
        }
        const { meter_id, message } = answer;
        const row = this.model.rows.find((row) => row.meter_id === meter_id);
        if (row) {
            this.reach(row);
        }
        if (message) {
            this.tell(message, row ? "warning" : "danger");
            if (!row) {
                browser.navigator.vibrate?.(300);
            }
        }
    }

    /** What is asked of the server; null without a connection, as the sheet says already. */
    async unlessOffline(ask) {
        try {
            return await ask();
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return null;
            }
            throw error;
        }
    }

    tell(text, tone) {
        this.state.notice = { text, tone };
    }

    // ---------------------------------------------------------------------
    // Saving and what follows
    // ---------------------------------------------------------------------

    async save() {
        const { counts } = this.sheetState;
        if (!counts.typed) {
            this.sheetState.isWaiting = false;
            this.tell(_t("Nothing is typed that is not saved."), "info");
            return;
        }
        this.state.notice = null;
        const result = await this.model.save({ byPhone: this.ui.isSmall });
        if (!result) {
            return;
        }
        if (result.errors) {
            this.applyFilter("all");
            const first = this.state.rows.findIndex(hasErrors);
            if (first >= 0) {
                const field = Object.keys(this.state.rows[first].errors)[0];
                this.goTo(first, field.startsWith("first") ? "first" : "value");
            }
            this.tell(
                _t("Nothing was saved. Cells that are wrong: %s. Mend them and save again.", result.errors.length),
                "danger"
            );
            return;
        }
        const { index, column } = this.cursor;
        this.applyFilter(this.state.filter);
        this.goTo(Math.min(index, this.state.rows.length - 1), column);
        this.state.saved = { meters: result.saved, queued: result.queued.length };
    }

    async synchronise() {
        const changes = await this.unlessOffline(() => this.model.synchronise());
        if (!changes) {
            return;
        }
        const { come, gone, payers, read } = changes;
        this.applyFilter(this.state.filter);
        const parts = [
            payers && _t("payers changed: %s", payers),
            read && _t("read by others: %s", read),
            come && _t("meters added: %s", come),
            gone && _t("meters gone: %s", gone),
        ].filter(Boolean);
        this.tell(parts.length ? parts.join(" · ") : _t("Everything is as it was."), "info");
    }

    async setDate(ev) {
        if (ev.target.value) {
            await this.unlessOffline(() => this.model.setDate(ev.target.value));
            this.applyFilter(this.state.filter);
        }
    }

    async bill() {
        const action = await this.orm.call("property.meter.round", "action_bill", [this.roundId]);
        await this.action.doAction(action);
    }

    openQueue() {
        return this.orm
            .call("property.meter.round", "action_view_queued", [this.roundId])
            .then((action) => this.action.doAction(action));
    }

    openRounds() {
        return this.action.doAction("property_billing.property_meter_round_action");
    }

    print() {
        return this.action.doAction("property_billing.report_meter_list_action", {
            additionalContext: { active_ids: [this.roundId], active_model: "property.meter.round" },
        });
    }

    // ---------------------------------------------------------------------
    // What is shown
    // ---------------------------------------------------------------------

    get sheet() {
        return this.sheetState.sheet;
    }

    get counts() {
        return this.sheetState.counts;
    }

    get tiles() {
        const { counts } = this;
        return [
            { filter: "all", label: _t("All"), value: counts.all },
            { filter: "read", label: _t("Meters read"), value: counts.read, tone: "success" },
            { filter: "missing", label: _t("Meters missing"), value: counts.missing },
            { filter: "typed", label: _t("Not saved"), value: counts.typed, tone: "primary" },
            { filter: "odd", label: _t("Odd"), value: counts.odd, tone: "warning" },
            { filter: "wrong", label: _t("Wrong"), value: counts.wrong, tone: "danger" },
        ].filter((tile) => tile.value || ["all", "missing", "read"].includes(tile.filter));
    }

    get totalUse() {
        return `${formatFloat(this.counts.use, { digits: [16, 3], trailingZeros: false })} ${this.sheet.unit_name}`;
    }

    get totalAmount() {
        return formatMonetary(this.counts.amount, { currencyId: this.sheet.currency_id });
    }

    get period() {
        return `${this.sheet.date_start} ~ ${this.sheet.date_end}`;
    }

    get faults() {
        const open = this.model.rows.filter((row) => row.fault && isOpen(row));
        return open.length && { text: open[0].fault, count: open.length };
    }
}

registry.category("actions").add("property_meter_sheet", MeterSheet);
