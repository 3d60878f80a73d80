import { registry } from "@web/core/registry";

const tile = (name) => `.o_unit_tile:has(.o_unit_name:text(${name}))`;
const building = (name) => `.o_property_tree_row:has(> span:contains(${name}))`;
const pointer = (type, options) => ({
    run({ anchor }) {
        anchor.dispatchEvent(
            new PointerEvent(type, { bubbles: true, cancelable: true, ...options })
        );
    },
});

registry.category("web_tour.tours").add("room_board", {
    steps: () => [
        // Figures and signs, not colours alone.
        { trigger: "[data-figure=occupied_count]:contains(4)" },
        { trigger: `${tile("501")} .o_unit_sign:text(L)` },
        { trigger: `${tile("502")} .o_unit_sign:text(V)` },
        // Arrows: down a floor to 501's column, right to 502, and over into the next entrance.
        { trigger: `${tile("1001")}[tabindex='0']`, run: ({ anchor }) => anchor.focus() },
        { trigger: `${tile("1001")}:focus`, run: "press ArrowDown" },
        { trigger: `${tile("501")}[tabindex='0']:focus`, run: "press ArrowRight" },
        { trigger: `${tile("502")}:focus`, run: "press ArrowRight" },
        { trigger: `${tile("503")}:focus`, run: "press ArrowLeft" },
        // The menu by keyboard says who lives there and closes by Escape; the focus stays.
        { trigger: `${tile("502")}:focus`, run: "press ArrowLeft" },
        { trigger: `${tile("501")}:focus`, run: "press Shift+F10" },
        { trigger: ".o_unit_menu .o_unit_card:contains(Tom Tenant):contains(13900139000)" },
        { trigger: ".o_unit_menu", run: "press Escape" },
        { trigger: "body:not(:has(.o_unit_menu))" },
        { trigger: `${tile("501")}:focus` },
        // Resting the mouse on a tile shows the card.
        { trigger: tile("101"), ...pointer("pointerover", { pointerType: "mouse" }) },
        { trigger: ".o_unit_card_popover:contains(Olga Owner)" },
        { trigger: ".o_unit_grid", ...pointer("pointerleave", { pointerType: "mouse" }) },
        { trigger: "body:not(:has(.o_unit_card_popover))" },
        // The legend filters, the search highlights.
        { trigger: ".o_unit_board_filter[data-state=vacant]", run: "click" },
        { trigger: `${tile("501")}.o_unit_dimmed` },
        { trigger: `${tile("502")}:not(.o_unit_dimmed)` },
        { trigger: ".o_unit_board_filter[data-state=vacant]", run: "click" },
        { trigger: ".o_unit_board_search input", run: "edit 1390013" },
        { trigger: `${tile("501")}.o_unit_match` },
        { trigger: `${tile("101")}.o_unit_dimmed` },
        { trigger: ".o_unit_board_search:contains(2 found)" },
        // Enter opens; coming back, search and tile are where they were.
        { trigger: ".o_unit_board_search input", run: "press Enter" },
        { trigger: `${tile("501")}:focus`, run: "press Enter" },
        { trigger: ".o_form_view .o_field_widget[name=name] input:value(501)" },
        { trigger: ".o_breadcrumb a:contains(Room Board), .o_back_button", run: "click" },
        { trigger: `${tile("501")}.o_unit_match[tabindex='0']` },
        // A letter starts what the menu offers; the room is owned when one comes back.
        { trigger: ".o_unit_board_search input", run: "clear" },
        { trigger: `${tile("502")}:not(.o_unit_dimmed)`, run: ({ anchor }) => anchor.focus() },
        { trigger: `${tile("502")}:focus`, run: "press i" },
        { trigger: ".modal .o_field_widget[name=partner_id] input", run: "edit Nina" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Nina Newcomer)", run: "click" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
        { trigger: ".o_breadcrumb a:contains(Room Board), .o_back_button", run: "click" },
        { trigger: `${tile("502")} .o_unit_sign:text(O)` },
        { trigger: "[data-figure=occupied_count]:contains(5)" },
        // The tree leads to another building, the right button to the unit.
        { trigger: building("Annex"), run: "click" },
        {
            trigger: tile("S1"),
            run({ anchor }) {
                anchor.dispatchEvent(
                    new MouseEvent("contextmenu", { bubbles: true, cancelable: true })
                );
            },
        },
        { trigger: ".o_unit_menu .o-dropdown-item:contains(Open)", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=name] input:value(S1)" },
    ],
});

registry.category("web_tour.tours").add("room_board_phone", {
    steps: () => [
        { trigger: ".o_unit_board_place:contains(Lakeside / Block 5)" },
        // A finger that stays opens the sheet; the click that follows opens nothing.
        {
            trigger: tile("501"),
            ...pointer("pointerdown", { pointerType: "touch", clientX: 50, clientY: 50 }),
        },
        { trigger: ".o_bottom_sheet .o_unit_card:contains(Tom Tenant)" },
        {
            trigger: ".o_bottom_sheet .o-dropdown-item:contains(Open)",
            run: ({ anchor }) => anchor.click(), // the finger is lifted here: nothing opens
        },
        { trigger: ".o_bottom_sheet .o-dropdown-item:contains(Open)", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=name] input:value(501)" },
        { trigger: ".o_back_button", run: "click" },
        { trigger: `${tile("501")}[tabindex='0']` },
        // The tree in a drawer.
        { trigger: ".o_unit_board_place", run: "click" },
        {
            trigger: ".o_property_tree_drawer .o_property_tree_row:has(> span:contains(Annex))",
            run: "click",
        },
        { trigger: "body:not(:has(.o_property_tree_drawer))" },
        { trigger: tile("S1"), run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=name] input:value(S1)" },
    ],
});

const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Keeps the answers of searches back until `release` is called. */
function holdSearches() {
    const { send } = XMLHttpRequest.prototype;
    const held = [];
    XMLHttpRequest.prototype.send = function (body) {
        if (String(body).includes("search_room_board")) {
            document.body.dataset.search = "held";
            held.push(() => send.call(this, body));
        } else {
            send.call(this, body);
        }
    };
    return () => {
        XMLHttpRequest.prototype.send = send;
        held.forEach((resume) => resume());
    };
}

let release;

registry.category("web_tour.tours").add("room_board_late", {
    steps: () => [
        // A search is answered when another building is shown already: it dims nothing there.
        { trigger: tile("501"), run: () => (release = holdSearches()) },
        { trigger: ".o_unit_board_search input", run: "edit 1390013" },
        { trigger: "body[data-search=held]" },
        { trigger: building("Annex"), run: "click" },
        {
            trigger: tile("S1"),
            async run() {
                release();
                await rest(500);
            },
        },
        { trigger: `${tile("S1")}:not(.o_unit_dimmed)` },
        // The mouse rests on a tile that is gone before its card opens.
        { trigger: tile("S1"), ...pointer("pointerover", { pointerType: "mouse" }) },
        { trigger: building("Block 5"), run: "click" },
        { trigger: tile("501"), run: () => rest(500) },
        { trigger: "body:not(:has(.o_unit_card_popover))" },
    ],
});
