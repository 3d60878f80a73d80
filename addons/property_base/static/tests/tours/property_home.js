import { registry } from "@web/core/registry";

const card = (key) => `.o_property_home_card[data-key=${key}]`;

registry.category("web_tour.tours").add("property_home", {
    steps: () => [
        // A reminder and a slice open the records that they count.
        { trigger: `${card("reminders")} [data-item=awaiting] .badge:text(1)` },
        { trigger: "[data-item=awaiting]", run: "click" },
        { trigger: ".o_list_view .o_data_row:count(1):contains(Fred Former)" },
        { trigger: ".o_breadcrumb a:contains(Front Page), .o_back_button", run: "click" },
        { trigger: `${card("occupancy")} canvas` },
        { trigger: "[data-item=leased]", run: "click" },
        { trigger: ".o_list_view .o_data_row:count(1)" },
        { trigger: ".o_breadcrumb a:contains(Front Page), .o_back_button", run: "click" },
        // Two ticks in one breath are two projects; then one.
        { trigger: ".o_property_home_projects", run: "click" },
        {
            trigger: ".o-dropdown--menu .o-checkbox:contains(Lakeside) input",
            run: () => {
                for (const input of document.querySelectorAll(".o-dropdown--menu .o-checkbox input")) {
                    input.click();
                }
            },
        },
        { trigger: ".o_property_home_projects:contains(2 of 2 projects)" },
        { trigger: ".o-dropdown--menu button:contains(All projects)", run: "click" },
        { trigger: ".o_property_home_projects:contains(All projects)" },
        { trigger: "[data-item=leased]", run: "press Escape" },
        // One project.
        { trigger: "[data-item=sold]:contains(2)" },
        { trigger: ".o_property_home_projects", run: "click" },
        { trigger: ".o-dropdown--menu .o-checkbox:contains(Lakeside) input", run: "check" },
        { trigger: "[data-item=sold]:contains(1)" },
        { trigger: ".o_property_home_projects:contains(1 of 2 projects)" },
        { trigger: "[data-item=leased]", run: "press Escape" },
        // Arranged: the pie first, no reminders.
        { trigger: ".o_property_home_arrange", run: "click" },
        { trigger: `${card("occupancy")} button[aria-label=Earlier]`, run: "click" },
        { trigger: `${card("occupancy")} + ${card("reminders")}` },
        { trigger: `${card("reminders")} .o_property_home_hide`, run: "click" },
        { trigger: `${card("reminders")}.opacity-50` },
        { trigger: ".o_property_home_arrange", run: "click" },
        { trigger: `[aria-busy=false]:not(:has(${card("reminders")}))` },
    ],
});
