import { registry } from "@web/core/registry";

const row = (name) => `.o_property_tree_row:has(> span:contains(${name}))`;

registry.category("web_tour.tours").add("property_tree", {
    url: "/odoo/property-units",
    steps: () => [
        // The only project is unfolded; the tree filters by building, the facet says so.
        { trigger: row("Tower 1"), run: "click" },
        { trigger: ".o_facet_value:contains('Lakeside / Tower 1')" },
        { trigger: ".o_data_row:contains('Tower 1-Entrance 1-101')" },
        { trigger: "body:not(:has(.o_data_row:contains('Annex-S1')))" },
        // By keyboard: unfold the building, go down to its entrance, choose it.
        { trigger: row("Tower 1"), run: "press ArrowRight" },
        { trigger: row("Entrance 1") },
        { trigger: row("Tower 1"), run: "press ArrowDown" },
        { trigger: `${row("Entrance 1")}[tabindex='0']`, run: "press Enter" },
        { trigger: ".o_facet_value:contains('Lakeside / Tower 1 / Entrance 1')" },
        // The menu of a node makes a unit in it.
        {
            trigger: row("Annex"),
            run({ anchor }) {
                anchor.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true }));
            },
        },
        { trigger: ".o-dropdown-item:contains('New unit')", run: "click" },
        { trigger: ".modal .o_field_widget[name=name] input", run: "edit S2" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: `${row("Annex")} small:contains(2)` },
        // The button above the list makes the units of the chosen building; the tree counts them
        // and stays unfolded as it was.
        { trigger: row("Annex"), run: "click" },
        { trigger: ".o_facet_value:contains('Lakeside / Annex')" },
        // The button is the list's, so it is for the building that the list has loaded.
        { trigger: "tbody:not(:contains('Tower 1')) .o_data_row:contains('Annex-S2')" },
        { trigger: ".o_control_panel button:contains('Generate units')", run: "click" },
        { trigger: ".modal .o_data_row:contains('102')" },
        { trigger: ".modal button[name=action_generate]", run: "click" },
        { trigger: `body:not(:has(.modal)) ${row("Annex")} small:contains(4)` },
        { trigger: ".o_data_row:contains('Annex-102')" },
        { trigger: row("Entrance 1") },
    ],
});
