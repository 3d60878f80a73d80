import { registry } from "@web/core/registry";

const tile = (name) => `.o_unit_tile:has(.o_unit_name:text(${name}))`;
const action = (name) => `.o_unit_menu .o-dropdown-item:contains(${name})`;

registry.category("web_tour.tours").add("parking_map", {
    steps: () => [
        // Signs, not colours alone; the legend counts what is shown.
        { trigger: "[data-figure=used_count]:contains(4)" },
        { trigger: `${tile("B1-001")} .o_unit_sign:text(U)` },
        { trigger: `${tile("B2-001")} .o_unit_sign:text(X)` },
        { trigger: `${tile("B2-002")} .o_unit_sign:text(V)` },
        { trigger: ".o_unit_board_filter[data-state=vacant]:contains(2)", run: "click" },
        { trigger: `${tile("B1-001")}.o_unit_dimmed` },
        { trigger: ".o_unit_board_filter[data-state=vacant]", run: "click" },
        { trigger: `${tile("B1-001")}:not(.o_unit_dimmed)`, run: ({ anchor }) => anchor.focus() },
        // Down goes to what stands below, here on the next floor; up comes back.
        { trigger: `${tile("B1-001")}:focus`, run: "press ArrowRight" },
        { trigger: `${tile("B1-002")}:focus`, run: "press ArrowDown" },
        { trigger: `${tile("B2-002")}:focus`, run: "press ArrowLeft" },
        { trigger: `${tile("B2-001")}:focus`, run: "press ArrowUp" },
        { trigger: `${tile("B1-001")}:focus` },
        // The menu offers what the space allows.
        { trigger: ".o_unit_board_search input", run: "edit 98765" },
        { trigger: `${tile("B2-001")}.o_unit_match` },
        { trigger: ".o_unit_board_search input", run: "press Enter" },
        { trigger: `${tile("B2-001")}:focus`, run: "press Shift+F10" },
        { trigger: ".o_unit_menu .o_unit_card:contains(Hilda Hill):contains(Volvo)" },
        { trigger: `.o_unit_menu:not(:has(${action("Rent out")}))` },
        { trigger: action("End the use"), run: "click" },
        { trigger: ".modal .o_field_widget[name=occupancy_id] input:value(Hilda Hill)" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
        { trigger: ".o_breadcrumb a:contains(Parking Map), .o_back_button", run: "click" },
        { trigger: `${tile("B2-001")} .o_unit_sign:text(V)` },
        { trigger: "[data-figure=used_count]:contains(3)" },
    ],
});
