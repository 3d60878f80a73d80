import { Component, onMounted, onPatched, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { MeterSheetRow, getRemarkId, getText } from "./meter_sheet_row";

export const ROW_HEIGHT = 36;
const MARGIN = 10;

/**
 * The lines of a sheet, worked by keyboard alone. Only those to be seen are there, with the one that
 * has the cursor, so that 500 are as quick as five.
 */
export class MeterSheetGrid extends Component {
    static template = "property_billing.MeterSheetGrid";
    static components = { MeterSheetRow };
    static props = {
        model: Object,
        rows: Array,
        cursor: Object,
        keys: Object,
    };

    setup() {
        this.rootRef = useRef("root");
        this.inputRef = useRef("input");
        this.cursor = useState(this.props.cursor);
        this.modelState = useState(this.props.model.state);
        this.window = useState({ first: 0, last: 60 });
        this.onPoint = this.onPoint.bind(this);
        this.onEdit = this.onEdit.bind(this);
        this.observer = new ResizeObserver(() => this.look());
        onMounted(() => {
            this.observer.observe(this.rootRef.el);
            this.props.keys.attach(() => this.take());
            this.take();
            this.reveal();
        });
        onPatched(() => {
            // Filtered lines are there only now, and the cursor may be on another one.
            if (this.taken !== this.current) {
                this.take();
            }
            if (this.revealed !== this.cursor.tick) {
                this.reveal();
            }
        });
        onWillUnmount(() => this.observer.disconnect());
    }

    get shown() {
        const indexes = [];
        const last = Math.min(this.window.last, this.props.rows.length);
        for (let index = this.window.first; index < last; index++) {
            indexes.push(index);
        }
        const { index } = this.cursor;
        if (index < this.props.rows.length && !indexes.includes(index)) {
            indexes.push(index); // the cursor is not lost when somebody scrolls away
        }
        return indexes.map((index) => ({ index, row: this.props.rows[index] }));
    }

    get height() {
        return this.props.rows.length * ROW_HEIGHT;
    }

    get rowHeight() {
        return ROW_HEIGHT;
    }

    get sheet() {
        return this.modelState.sheet;
    }

    get current() {
        return this.props.rows[this.cursor.index];
    }

    /** In which column of the grid the input lies. */
    get place() {
        const columns = this.columns;
        return columns.indexOf(this.cursor.column) + 1;
    }

    get columns() {
        const { hasRegisters } = this.props.model;
        return [
            "name", "number", ...(hasRegisters ? ["register"] : []), "payer", "first", "value",
            "use", ...(this.sheet.shows_money ? ["amount"] : []), "note", "state",
        ];
    }

    get remarkId() {
        return getRemarkId(this.current);
    }

    get label() {
        const { name, number } = this.current;
        const headings = { first: _t("Value at the start"), value: _t("Reading"), note: _t("Remarks") };
        return [headings[this.cursor.column], name, number].filter(Boolean).join(" ");
    }

    /**
     * The input takes over the cell of the cursor, at once: what is typed before the next frame
     * belongs to it already.
     */
    take() {
        const { el } = this.inputRef;
        const row = this.current;
        if (!el || !row) {
            return;
        }
        this.taken = row;
        const { column, isEditing } = this.cursor;
        el.value = getText(row, column);
        el.placeholder = column === "value" && this.props.model.canTake(row) ? row.device : "";
        el.readOnly = !this.props.model.canType(row);
        el.focus({ preventScroll: true });
        if (isEditing) {
            el.setSelectionRange(el.value.length, el.value.length);
        } else {
            el.select();
        }
    }

    onInput(ev) {
        this.props.model.type(this.current, this.cursor.column, ev.target.value);
    }

    /** Which lines can be seen, in steps, so that not each pixel renders. */
    look() {
        const el = this.rootRef.el;
        if (!el) {
            return;
        }
        const first = Math.floor(el.scrollTop / ROW_HEIGHT / MARGIN) * MARGIN;
        this.window.first = Math.max(0, first - MARGIN);
        this.window.last = first + Math.ceil(el.clientHeight / ROW_HEIGHT) + 2 * MARGIN;
    }

    get page() {
        return Math.max(1, Math.floor(this.rootRef.el.clientHeight / ROW_HEIGHT) - 2);
    }

    /** Bring the cursor into view, and no more than that. */
    reveal() {
        this.revealed = this.cursor.tick;
        const el = this.rootRef.el;
        const top = this.cursor.index * ROW_HEIGHT;
        const space = el.clientHeight - 2 * ROW_HEIGHT; // below the headings, above the last line
        if (top < el.scrollTop) {
            el.scrollTop = top;
        } else if (top > el.scrollTop + space) {
            el.scrollTop = top - space;
        }
        this.look();
    }

    onScroll() {
        browser.cancelAnimationFrame(this.frame);
        this.frame = browser.requestAnimationFrame(() => this.look());
    }

    onKeydown(ev) {
        this.props.keys.keydown(ev, this.page);
    }

    onPoint(index, column) {
        this.props.keys.point(index, column);
    }

    onEdit(index, column) {
        this.props.keys.point(index, column, true);
    }
}
