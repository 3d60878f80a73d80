import { registry } from "@web/core/registry";

const totals = (text) => ({ trigger: `.o_property_totals:contains(${text})` });

registry.category("web_tour.tours").add("property_totals", {
    steps: () => [
        // One row a page: the totals are of both unpaid charges.
        { trigger: ".o_list_view .o_data_row:count(1)" },
        totals("2 records"),
        totals("1,201.25"),
        totals("801.25"),
        { trigger: ".o_facet_remove", run: "click" },
        totals("3 records"),
        totals("1,301.24"),
        // Grouped, they stay what they were.
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_group_by_menu .o_menu_item:contains(Fee)", run: "click" },
        { trigger: ".o_list_view .o_group_header:count(2)" },
        totals("3 records"),
        { trigger: ".o_filter_menu .o_menu_item:text(Paid)", run: "click" },
        totals("1 records"),
        totals("99.99"),
    ],
});
