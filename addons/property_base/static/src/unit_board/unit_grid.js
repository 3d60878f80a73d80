import {
    Component,
    onWillUnmount,
    onWillUpdateProps,
    useEffect,
    useExternalListener,
    useRef,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

const HOVER_DELAY = 350;
const LONG_PRESS_DELAY = 500;
const LONG_PRESS_MOVE = 10;
const PAGE_OF_FLOORS = 5;

/** A floor is rendered anew only if something of it changes: the keyboard moves over two at most. */
class UnitFloor extends Component {
    static template = "property_base.UnitFloor";
    static props = {
        floor: Object,
        isFlow: Boolean,
        states: Object,
        isCompact: Boolean,
        filter: { type: [String, Boolean] },
        matches: { type: [Object, Boolean] },
        tabId: { type: [Number, Boolean] },
    };

    isDimmed(unit) {
        const { filter, matches } = this.props;
        const isOut = filter && (filter === "arrears" ? !unit.arrears : unit.state !== filter);
        return isOut || (matches && !matches.has(unit.id));
    }

    getStyle(unit) {
        return this.props.isFlow ? `--span: ${unit.span}` : `grid-column: ${unit.column + 1}`;
    }

    getLabel(unit) {
        const until = unit.until && _t("until %(date)s", { date: this.formatDate(unit.until) });
        return [unit.name, this.props.states[unit.state].label, unit.who, until]
            .filter(Boolean)
            .join(", ");
    }

    formatDate(date) {
        return formatDate(deserializeDate(date));
    }

    formatArea(area) {
        return formatFloat(area, { digits: [16, 2], trailingZeros: false });
    }
}

/**
 * The tiles of a board: blocks (entrances) of floors of units. One tile is in the tab order, the
 * arrow keys move it. The tiles have no listeners of their own: there may be thousands.
 */
export class UnitGrid extends Component {
    static template = "property_base.UnitGrid";
    static components = { UnitFloor };
    static props = {
        blocks: Array,
        states: Object,
        isCompact: Boolean,
        filter: { type: [String, Boolean] },
        matches: { type: [Object, Boolean] },
        currentId: { type: [Number, Boolean] },
        onCurrent: Function,
        onOpen: Function,
        onMenu: Function,
        onHover: Function,
        onLeave: Function,
        onArrears: Function,
        onKey: Function,
    };

    setup() {
        this.rootRef = useRef("root");
        // The finger that opened the sheet by a long press is lifted above one of its items.
        useExternalListener(window, "pointerdown", () => (this.wasLongPress = false), {
            capture: true,
        });
        useExternalListener(window, "click", (ev) => this.wasLongPress && this.swallow(ev), {
            capture: true,
        });
        this.prepare(this.props);
        onWillUpdateProps((nextProps) => {
            if (nextProps.blocks !== this.props.blocks) {
                this.stopWaiting();
                this.prepare(nextProps);
            }
        });
        onWillUnmount(() => this.stopWaiting());
        useEffect(
            () => {
                if (this.hasMoved) {
                    this.hasMoved = false;
                    this.getTile(this.currentId)?.focus();
                }
            },
            () => [this.props.currentId]
        );
    }

    /** Where each unit stands: its block, floor and index in it. */
    prepare({ blocks }) {
        this.places = new Map();
        for (const [blockIndex, block] of blocks.entries()) {
            for (const [floorIndex, { units }] of block.floors.entries()) {
                for (const [index, unit] of units.entries()) {
                    this.places.set(unit.id, { unit, block, blockIndex, floorIndex, index });
                }
            }
        }
        this.firstId = this.places.keys().next().value;
    }

    get currentId() {
        return this.places.has(this.props.currentId) ? this.props.currentId : this.firstId;
    }

    //---------------------------------------------------------------------
    // Tiles and units
    //---------------------------------------------------------------------

    getTile(id) {
        return this.rootRef.el.querySelector(`[data-id="${id}"]`);
    }

    findTile(ev) {
        return ev.target.closest?.(".o_unit_tile");
    }

    getUnit(tile) {
        return this.places.get(Number(tile.dataset.id)).unit;
    }

    moveTo(unit) {
        if (unit && unit.id !== this.currentId) {
            this.hasMoved = true;
            this.props.onCurrent(unit);
        }
    }

    /** The unit of a floor that stands nearest to a column. */
    getNearest(floor, column) {
        const distance = (unit, index) => Math.abs((unit.column ?? index) - column);
        return floor?.units.reduce(
            (best, unit, index) =>
                !best || distance(unit, index) < best.distance
                    ? { unit, distance: distance(unit, index) }
                    : best,
            null
        )?.unit;
    }

    getFloorwards({ block, floorIndex, index, unit }, steps) {
        const last = block.floors.length - 1;
        const target = Math.min(Math.max(floorIndex + steps, 0), last);
        return this.getNearest(block.floors[target], unit.column ?? index);
    }

    getNext(place, step) {
        return place.block.is_flow ? this.getLinewards(place, step) : this.getFloorwards(place, step);
    }

    /** Where units wrap, up and down go to what stands there: in the next line, or on the next floor. */
    getLinewards({ block, floorIndex, unit }, step) {
        const { top, left } = this.getTile(unit.id).getBoundingClientRect();
        const distance = (box) => [Math.abs(box.top - top), Math.abs(box.left - left)];
        const isNearer = ([a, b], [c, d]) => a < c || (a === c && b < d);
        for (const floor of [block.floors[floorIndex], block.floors[floorIndex + step]]) {
            if (!floor) {
                continue;
            }
            const tiles = this.getTile(floor.units[0].id).parentElement.children;
            let best;
            for (const [index, tile] of [...tiles].entries()) {
                const box = tile.getBoundingClientRect();
                if ((box.top - top) * step > 0 && (!best || isNearer(distance(box), best.distance))) {
                    best = { unit: floor.units[index], distance: distance(box) };
                }
            }
            if (best) {
                return best.unit;
            }
        }
    }

    getSideways({ block, blockIndex, floorIndex, index }, step) {
        const floor = block.floors[floorIndex];
        if (floor.units[index + step]) {
            return floor.units[index + step];
        }
        const next = this.props.blocks[blockIndex + step];
        const same = next?.floors.find(({ key }) => key === floor.key) || next?.floors.at(-1);
        return same?.units.at(step > 0 ? 0 : -1);
    }

    //---------------------------------------------------------------------
    // Handlers
    //---------------------------------------------------------------------

    onKeydown(ev) {
        const tile = this.findTile(ev);
        if (!tile) {
            return;
        }
        const place = this.places.get(Number(tile.dataset.id));
        const units = place.block.floors[place.floorIndex].units;
        const keys = {
            ArrowRight: () => this.moveTo(this.getSideways(place, 1)),
            ArrowLeft: () => this.moveTo(this.getSideways(place, -1)),
            ArrowUp: () => this.moveTo(this.getNext(place, -1)),
            ArrowDown: () => this.moveTo(this.getNext(place, 1)),
            PageUp: () => this.moveTo(this.getFloorwards(place, -PAGE_OF_FLOORS)),
            PageDown: () => this.moveTo(this.getFloorwards(place, PAGE_OF_FLOORS)),
            Home: () => this.moveTo(units[0]),
            End: () => this.moveTo(units.at(-1)),
            Enter: () => this.props.onOpen(place.unit),
            ContextMenu: () => this.openMenu(tile),
            " ": () => this.openMenu(tile),
        };
        const isPlain = !ev.ctrlKey && !ev.metaKey && !ev.altKey;
        const run =
            ev.key === "F10" && ev.shiftKey ? keys.ContextMenu : isPlain ? keys[ev.key] : null;
        if (run || (isPlain && this.props.onKey(place.unit, ev.key))) {
            ev.preventDefault();
            ev.stopPropagation();
            run?.();
        }
    }

    onClick(ev) {
        const tile = this.findTile(ev);
        if (!tile) {
            return;
        }
        this.onPointerleave();
        const unit = this.getUnit(tile);
        this.props.onCurrent(unit);
        if (ev.target.closest(".o_unit_lamp")) {
            this.props.onArrears(unit);
        } else {
            this.props.onOpen(unit);
        }
    }

    openMenu(tile) {
        this.onPointerleave();
        const unit = this.getUnit(tile);
        this.props.onCurrent(unit);
        tile.focus({ preventScroll: true });
        this.props.onMenu(unit, tile);
    }

    onContextmenu(ev) {
        const tile = this.findTile(ev);
        if (tile) {
            ev.preventDefault();
            this.openMenu(tile);
        }
    }

    /** A mouse that rests on a tile. */
    onPointerover(ev) {
        const tile = ev.pointerType === "mouse" && this.findTile(ev);
        if (tile === this.hovered) {
            return;
        }
        this.onPointerleave();
        if (tile) {
            this.hovered = tile;
            this.hoverTimer = browser.setTimeout(
                () => this.props.onHover(this.getUnit(tile), tile),
                HOVER_DELAY
            );
        }
    }

    onPointerleave() {
        browser.clearTimeout(this.hoverTimer);
        this.hovered = null;
        this.props.onLeave();
    }

    /** A finger that stays. Safari on a phone sends no contextmenu event. */
    onPointerdown(ev) {
        const tile = ev.pointerType === "touch" && this.findTile(ev);
        if (tile) {
            this.pressed = { x: ev.clientX, y: ev.clientY };
            this.pressTimer = browser.setTimeout(() => {
                this.wasLongPress = true;
                this.openMenu(tile);
            }, LONG_PRESS_DELAY);
        }
    }

    swallow(ev) {
        this.wasLongPress = false;
        ev.preventDefault();
        ev.stopPropagation();
    }

    onPointermove(ev) {
        const { pressed } = this;
        if (
            pressed &&
            Math.hypot(ev.clientX - pressed.x, ev.clientY - pressed.y) > LONG_PRESS_MOVE
        ) {
            this.onPointerup();
        }
    }

    onPointerup() {
        browser.clearTimeout(this.pressTimer);
        this.pressed = null;
    }

    /** The tiles go: nothing is to open at one of them later. */
    stopWaiting() {
        browser.clearTimeout(this.hoverTimer);
        this.hovered = null;
        this.onPointerup();
    }
}
