import { Component, markRaw, onMounted, useEffect, useRef, useState, status } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { delay, KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { PropertyTree } from "../property_tree/property_tree";
import { PropertyTreeDrawer } from "../property_tree/property_tree_drawer";
import { UnitCard } from "./unit_card";
import { UnitGrid } from "./unit_grid";

const PLACE_KEY = "property_unit_board_place:";
const DENSITY_KEY = "property_unit_board_density";
const MAX_ROOMY_COLUMNS = 12;
const MAX_ROOMY_UNITS = 500;
const PATIENCE = 300;

/**
 * The units of a building as tiles: the room board, and with another source any other board.
 *
 * The action's params say where the tiles come from: `model` and `method` give the board (see
 * `property.building.get_room_board`), `search` finds units of the building by a text, and `kind`
 * says that only the places of such units are chosen from.
 */
export class UnitBoard extends Component {
    static template = "property_base.UnitBoard";
    static components = {
        Dropdown,
        DropdownItem,
        Layout,
        PropertyTree,
        PropertyTreeDrawer,
        UnitCard,
        UnitGrid,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        useBus(this.ui.bus, "resize", () => this.render());
        this.scrollerRef = useRef("scroller");
        this.anchorRef = useRef("anchor");
        this.menu = useDropdownState();
        this.card = usePopover(UnitCard, {
            position: "right-start",
            animation: false,
            setActiveElement: false,
            popoverClass: "o_unit_card_popover",
        });
        this.keepLast = new KeepLast();
        this.keepLastSearch = new KeepLast();
        this.treeLabel = _t("Property tree");
        const restored = this.props.state || {};
        this.state = useState({
            status: "loading",
            board: null,
            filter: restored.filter || false,
            query: restored.query || "",
            matches: false,
            currentId: restored.currentId || false,
            menuUnit: null,
            isTreeShown: true,
            isDrawerOpen: false,
            propertyTree: restored.propertyTree || {},
            density: browser.localStorage.getItem(DENSITY_KEY),
        });
        this.scroll = restored.scroll;
        this.search = useDebounced(() => this.find(), 200);
        this.getDetails = this.getDetails.bind(this);
        useSetupAction({
            getLocalState: () => ({
                place: this.place,
                filter: this.state.filter,
                query: this.state.query,
                currentId: this.state.currentId,
                propertyTree: this.state.propertyTree,
                scroll: this.scrollerRef.el && {
                    top: this.scrollerRef.el.scrollTop,
                    left: this.scrollerRef.el.scrollLeft,
                },
            }),
        });
        useEffect(
            (isReady) => {
                if (isReady && this.scroll) {
                    this.scrollerRef.el.scrollTo(this.scroll);
                    this.scroll = null;
                }
            },
            () => [this.state.status === "ready"]
        );
        this.place =
            restored.place ||
            this.props.action.context.board_place ||
            this.getPlace(router.current) ||
            this.getPlace(JSON.parse(browser.localStorage.getItem(this.placeKey) || "{}")) ||
            {};
        onMounted(() => this.load());
    }

    get source() {
        return this.props.action.params;
    }

    /** Each board comes back to its own place. */
    get placeKey() {
        return PLACE_KEY + this.source.method;
    }

    /** The building or entrance that an URL or the browser remembers. */
    getPlace({ building_id, entrance_id }) {
        return building_id && { building_id, entrance_id: entrance_id || false };
    }

    //---------------------------------------------------------------------
    // Data
    //---------------------------------------------------------------------

    async load() {
        const { model, method } = this.source;
        this.details = new Map();
        try {
            let board = await this.keepLast.add(this.orm.silent.call(model, method, [], this.place));
            if (!board.place && Object.keys(this.place).length) {
                // What the URL or the browser remembers is gone, or not for this user.
                board = await this.keepLast.add(this.orm.silent.call(model, method, []));
            }
            this.show(board);
        } catch (error) {
            this.state.status = "error";
            throw error;
        }
        if (this.state.status === "ready") {
            // Also without a query: an answer about the last building may still be on its way.
            await this.find();
        }
    }

    show(board) {
        this.states = Object.fromEntries(board.states?.map((state) => [state.key, state]) || []);
        this.state.board = markRaw(board);
        this.state.status = board.place ? "ready" : "empty";
        if (board.place) {
            this.units = board.blocks.flatMap(({ floors }) => floors.flatMap(({ units }) => units));
            this.filters = this.getFilters(board);
            this.place = this.getPlace(board.place);
            browser.localStorage.setItem(this.placeKey, JSON.stringify(this.place));
            this.props.updateActionState(this.place);
        }
    }

    /**
     * After a dialog, which stays open until its callback has come back: nothing is waited for, since
     * what is asked for a board that has been left meanwhile is never answered.
     */
    reload() {
        if (status(this) !== "destroyed") {
            this.load();
        }
    }

    retry() {
        this.state.status = "loading";
        return this.load();
    }

    /** Asked once per unit and load of the board. */
    getDetails(unit) {
        const { details } = this;
        if (status(this) === "destroyed") {
            return new Promise(() => {}); // the card closes with its board
        }
        if (!details.has(unit.id)) {
            const answer = this.orm.silent.call("property.unit", "get_board_details", [[unit.id]]);
            answer.catch(() => details.delete(unit.id));
            details.set(unit.id, answer);
        }
        return details.get(unit.id);
    }

    async find() {
        const query = this.state.query.trim();
        const { model, search } = this.source;
        const ids = await this.keepLastSearch.add(
            query
                ? this.orm.silent.call(model, search, [[this.place.building_id], query])
                : Promise.resolve(false)
        );
        this.state.matches = ids ? markRaw(new Set(ids)) : false;
        const first = ids && this.units.find((unit) => this.state.matches.has(unit.id));
        if (first) {
            this.setCurrent(first);
            this.getTile(first)?.scrollIntoView({ block: "nearest", inline: "nearest" });
        }
    }

    get foundCount() {
        const { matches } = this.state;
        return this.units.filter((unit) => matches.has(unit.id)).length;
    }

    get treeKey() {
        const { building_id, entrance_id } = this.place;
        return entrance_id
            ? `property.entrance,${entrance_id}`
            : building_id
            ? `property.building,${building_id}`
            : false;
    }

    get placeName() {
        const { project, building, entrance } = this.state.board?.place || {};
        return [project, building, entrance].filter(Boolean).join(" / ");
    }

    get searchLabel() {
        return this.state.board?.labels?.search || _t("Room, name, phone, plate…");
    }

    /** Those that the board has, of all that boards have. */
    get figures() {
        const { figures } = this.state.board;
        if (!figures.room_count && !figures.space_count) {
            return [];
        }
        const area = (value) => formatFloat(value, { digits: [16, 2] });
        const rate = (value) => `${area(value)} %`;
        return [
            { key: "total_area", label: _t("Total area"), format: area, unit: "m²" },
            { key: "occupied_area", label: _t("Occupied area"), format: area, unit: "m²" },
            { key: "occupancy_rate", label: _t("Occupancy rate"), format: rate, hasBar: true },
            { key: "occupied_count", label: _t("Occupied rooms") },
            { key: "vacant_area", label: _t("Vacant area"), format: area, unit: "m²" },
            { key: "vacancy_rate", label: _t("Vacancy rate"), format: rate, hasBar: true },
            { key: "vacant_count", label: _t("Vacant rooms") },
            { key: "space_count", label: _t("Parking spaces") },
            { key: "use_rate", label: _t("Use of the spaces"), format: rate, hasBar: true },
            { key: "used_count", label: _t("Spaces in use") },
            { key: "free_count", label: _t("Vacant spaces") },
        ]
            .filter(({ key }) => key in figures)
            .map(({ key, label, format, unit, hasBar }) => ({
                key,
                label,
                unit,
                value: format ? format(figures[key]) : figures[key],
                bar: hasBar && figures[key],
            }));
    }

    get figuresLabel() {
        return this.state.board.figures.room_count
            ? _t("Flats, shops and offices. A room that is owned and let counts once, as leased.")
            : "";
    }

    /** The legend is the filter. States count the rooms, where there are any; arrears all units. */
    getFilters({ states, figures }) {
        const counted = this.units.filter((unit) => unit.is_room || !figures.room_count);
        const filters = states.map(({ key, label, sign }) => ({
            key,
            label,
            sign,
            count: counted.filter((unit) => unit.state === key).length,
        }));
        const count = this.units.filter((unit) => unit.arrears).length;
        return count ? [...filters, { key: "arrears", label: _t("In arrears"), count }] : filters;
    }

    get isCompact() {
        const { density, board } = this.state;
        return density
            ? density === "compact"
            : this.units.length > MAX_ROOMY_UNITS ||
                  board.blocks.some((block) => !block.is_flow && block.columns > MAX_ROOMY_COLUMNS);
    }

    /** What the user may do with a unit in its state. */
    getActions(unit) {
        return this.state.board.actions.filter(({ needs }) => unit[needs]);
    }

    //---------------------------------------------------------------------
    // Actions
    //---------------------------------------------------------------------

    selectNode({ key }) {
        const [model, id] = key.split(",");
        this.place = { [`${model.split(".")[1]}_id`]: Number(id) };
        Object.assign(this.state, { filter: false, query: "", matches: false });
        return this.load();
    }

    toggleFilter(key) {
        this.state.filter = this.state.filter === key ? false : key;
    }

    toggleDensity() {
        this.state.density = this.isCompact ? "roomy" : "compact";
        browser.localStorage.setItem(DENSITY_KEY, this.state.density);
    }

    openUnit(unit) {
        this.menu.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "property.unit",
            res_id: unit.id,
            views: [[false, "form"]],
        });
    }

    async runAction(unit, { method }) {
        this.menu.close();
        const action = await this.orm.call("property.unit", method, [[unit.id]]);
        if (action) {
            await this.action.doAction(action, { onClose: () => this.reload() });
        }
    }

    openArrears(unit) {
        const action = this.getActions(unit).find(({ needs }) => needs === "arrears");
        return action && this.runAction(unit, action);
    }

    generateUnits() {
        return this.action.doAction("property_base.property_unit_generator_action", {
            additionalContext: { default_building_id: this.place.building_id },
            onClose: () => this.reload(),
        });
    }

    //---------------------------------------------------------------------
    // Card and menu
    //---------------------------------------------------------------------

    setCurrent(unit) {
        this.state.currentId = unit.id;
    }

    hideCard() {
        this.card.close();
    }

    /** None where the server has answered before the board is drawn. */
    getTile(unit) {
        return this.scrollerRef.el?.querySelector(`[data-id="${unit.id}"]`);
    }

    showCard(unit, tile) {
        if (!this.menu.isOpen) {
            this.card.open(tile, {
                unit,
                state: this.states[unit.state],
                currencyId: this.state.board.currency_id,
                load: this.getDetails,
            });
        }
    }

    /** The menu hangs on an element that is laid over the tile, so that no tile is rendered anew. */
    async openMenu(unit, tile) {
        if (this.menu.isOpen && this.state.menuUnit === unit) {
            return;
        }
        this.menu.close();
        // A sheet measures its content once, so the card should be complete; but not at any price.
        await Promise.race([this.getDetails(unit), delay(PATIENCE)]);
        const { el: scroller } = this.scrollerRef;
        if (!scroller) {
            return; // the user has left
        }
        const box = tile.getBoundingClientRect();
        const origin = scroller.getBoundingClientRect();
        Object.assign(this.anchorRef.el.style, {
            top: `${box.top - origin.top + scroller.scrollTop}px`,
            left: `${box.left - origin.left + scroller.scrollLeft}px`,
            width: `${box.width}px`,
            height: `${box.height}px`,
        });
        this.state.menuUnit = unit;
        this.menu.open();
    }

    /** A letter does what the menu offers under it, with the menu open or not. */
    pressKey(unit, key) {
        const action = this.getActions(unit).find((candidate) => candidate.key === key.toLowerCase());
        if (action) {
            this.runAction(unit, action);
        }
        return Boolean(action);
    }

    onMenuKeydown(ev) {
        if (!ev.ctrlKey && !ev.metaKey && !ev.altKey && this.pressKey(this.state.menuUnit, ev.key)) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    onSearchKeydown(ev) {
        const { currentId } = this.state;
        if (ev.key === "Enter" && currentId) {
            this.getTile({ id: currentId })?.focus();
        } else if (ev.key === "Escape" && this.state.query) {
            this.state.query = "";
            this.find();
        }
    }
}

registry.category("actions").add("property_unit_board", UnitBoard);
