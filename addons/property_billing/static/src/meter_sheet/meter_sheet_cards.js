import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { getRemark } from "./meter_sheet_row";
import { hasErrors, isOpen } from "./meter_sheet_store";
import { scalePhoto } from "./scale_photo";

/** A meter on a phone: what it showed, what it shows, a photo of it, and keys for a thumb. */
export class MeterCard extends Component {
    static template = "property_billing.MeterCard";
    static props = {
        rows: Array,
        model: Object,
        onNext: Function,
    };

    setup() {
        this.notification = useService("notification");
        this.rows = useState(this.props.rows);
        this.rootRef = useRef("root");
        this.keypad = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        this.state = useState({ selected: this.start.key, photos: {}, isBusy: false });
        onWillStart(async () => {
            for (const row of this.rows.filter((row) => row.hasPhoto)) {
                this.state.photos[row.key] = await this.props.model.storage.readPhoto(row.key);
            }
        });
        useEffect(
            () => this.rootRef.el.querySelector(".o_selected input")?.focus(),
            () => [this.state.selected]
        );
    }

    /** What is typed of a register: its reading, the first time its value at the start, too. */
    getCells(row) {
        const columns = row.previous === false ? ["first", "value"] : ["value"];
        return columns.map((column) => ({ row, column, key: `${row.key}:${column}` }));
    }

    /** The cells of this meter, in the order in which they are filled. */
    get cells() {
        return this.rows.flatMap((row) => this.getCells(row));
    }

    get cell() {
        return this.cells.find((cell) => cell.key === this.state.selected);
    }

    get start() {
        const { cells } = this;
        return cells.find(({ row, column }) => !row[column]) || cells[0];
    }

    get main() {
        return this.rows[0];
    }

    get sheet() {
        return this.props.model.state.sheet;
    }

    get canType() {
        return this.props.model.canType(this.cell.row);
    }

    get takesDecimals() {
        return this.main.decimals > 0;
    }

    getShown({ row, column }) {
        return column === "value" && !isOpen(row) ? row.present.value : row[column];
    }

    getLabel({ row, column }) {
        const what = column === "first" ? _t("Value at the start") : _t("Reading");
        return this.rows.length > 1 ? `${what} ${this.sheet.registers[row.register]}` : what;
    }

    isRead(row) {
        return !isOpen(row);
    }

    isWrong({ row, column }) {
        return Boolean(row.errors[column === "first" ? "first_value" : "value"]);
    }

    getRemark(row) {
        return getRemark(row, this.props.model);
    }

    getUse(row) {
        const use = isOpen(row) ? row.use : row.present.use;
        return use ? `${use} ${this.sheet.unit_name}` : "";
    }

    getAmount(row) {
        return row.amount === null
            ? ""
            : formatMonetary(row.amount, { currencyId: this.sheet.currency_id });
    }

    canTake(row) {
        return this.props.model.canTake(row);
    }

    take(row) {
        this.props.model.type(row, "value", row.device);
    }

    select(cell) {
        this.state.selected = cell.key;
    }

    type(text) {
        this.props.model.type(this.cell.row, this.cell.column, text);
    }

    press(key) {
        const text = this.cell.row[this.cell.column];
        this.type(key === "⌫" ? text.slice(0, -1) : text + key);
    }

    /** The next cell of this meter, or the next meter. */
    next() {
        const { cells } = this;
        const next = cells[cells.findIndex((cell) => cell.key === this.state.selected) + 1];
        if (next) {
            this.select(next);
        } else {
            this.props.onNext();
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.next();
        }
    }

    async takePhoto(row, ev) {
        const [file] = ev.target.files;
        ev.target.value = "";
        if (!file) {
            return;
        }
        this.state.isBusy = true;
        try {
            const photo = await scalePhoto(file);
            await this.props.model.setPhoto(row, photo);
            this.state.photos[row.key] = photo;
        } catch {
            this.notification.add(_t("This file is no photo. Take a JPEG or PNG."), {
                type: "danger",
            });
        } finally {
            this.state.isBusy = false;
        }
    }

    async dropPhoto(row) {
        await this.props.model.setPhoto(row, "");
        delete this.state.photos[row.key];
    }
}

/** The sheet on a phone, one meter after the other. */
export class MeterSheetCards extends Component {
    static template = "property_billing.MeterSheetCards";
    static components = { MeterCard };
    static props = { model: Object, rows: Array, cursor: Object, go: Function, save: Function };

    setup() {
        this.cursor = useState(this.props.cursor);
        this.modelState = useState(this.props.model.state);
        this.state = useState({ left: null });
    }

    get meterIds() {
        return [...new Set(this.props.rows.map((row) => row.meter_id))];
    }

    get meterId() {
        return this.props.rows[this.cursor.index].meter_id;
    }

    get place() {
        return this.meterIds.indexOf(this.meterId);
    }

    get isLast() {
        return this.place === this.meterIds.length - 1;
    }

    get meterRows() {
        return this.props.model.byMeter.get(this.meterId);
    }

    /** What came of the meter just left, where somebody should look at it again. */
    get told() {
        const row = this.state.left;
        return row && row.meter_id !== this.meterId && (hasErrors(row) || row.oddity) && isOpen(row)
            ? { ...getRemark(row, this.props.model), row }
            : null;
    }

    goBack(row) {
        this.props.go(this.props.rows.findIndex((other) => other.meter_id === row.meter_id));
    }

    leave(step) {
        const typed = this.meterRows.find((row) => row.value || row.first);
        if (typed) {
            this.props.model.computeSoon(typed);
            this.state.left = typed;
        }
        const meterId = this.meterIds[this.place + step];
        if (meterId) {
            this.props.go(this.props.rows.findIndex((row) => row.meter_id === meterId));
        }
    }
}
