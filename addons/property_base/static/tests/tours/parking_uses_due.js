import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("parking_uses_due", {
    steps: () => [{ trigger: ".o_data_row:contains(B2-002) td:contains(In 40 days)" }],
});
