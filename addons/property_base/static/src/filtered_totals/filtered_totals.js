import { Component, onWillStart, useState, useSubEnv } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { evaluateBooleanExpr } from "@web/core/py_js/py";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { orderByToString } from "@web/search/utils/order_by";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

const formatters = registry.category("formatters");

/**
 * How many records the filters leave, and what they add up to: of the whole list, where the list's
 * own footer adds up its page. Sums are those of the fields with `sum` in the view.
 */
export class FilteredTotals extends Component {
    static template = "property_base.FilteredTotals";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ count: "", sums: [] });
        this.model = this.env.model;
        const { context, fields } = this.model.config;
        this.columns = [...this.env.config.viewArch.querySelectorAll("field[sum]:not([optional=hide])")]
            .filter(
                (node) =>
                    fields[node.getAttribute("name")]?.aggregator &&
                    !evaluateBooleanExpr(node.getAttribute("column_invisible") || "0", { context })
            )
            .map((node) => ({ label: node.getAttribute("sum"), ...fields[node.getAttribute("name")] }));
        useBus(this.model.bus, "update", () => this.update());
        onWillStart(async () => {
            this.update();
            this.canExport = await user.hasGroup("base.group_allow_export");
        });
    }

    /** Every record that the filters leave, with its sums, as a workbook or on paper. */
    async takeAway(method) {
        const { resModel, domain, groupBy, orderBy } = this.model.root;
        const { fields } = this.model.config;
        const facets = this.env.searchModel.facets.filter(({ type }) => type !== "groupBy");
        const [id] = await this.orm.create("property.report.print", [
            {
                name: this.env.config.getDisplayName(),
                view: {
                    model: resModel,
                    domain,
                    groups: groupBy,
                    order: orderByToString(orderBy.filter(({ name }) => name in fields)),
                    sums: this.columns.map(({ name, label }) => [name, label]),
                    columns: this.env.getListColumns(),
                    scope: facets.map(({ values }) => values.join(" / ")).join(" · "),
                },
            },
        ]);
        this.action.doAction(await this.orm.call("property.report.print", method, [id]));
    }

    /** The list was loaded anew, or lost a record: its totals are read again. */
    update() {
        const { root } = this.model;
        if (!this.model.isReady || (root === this.root && root.count === this.count)) {
            return;
        }
        this.root = root;
        this.count = root.count;
        this.load(root);
    }

    async load({ resModel, domain, context }) {
        // Amounts of several currencies do not add up: one sum for each.
        const currencies = new Set(this.columns.map((column) => column.currency_field));
        const currencyField = [...currencies].find(Boolean);
        const rows = await this.keepLast.add(
            this.orm.silent.formattedReadGroup(
                resModel,
                domain,
                currencyField ? [currencyField] : [],
                ["__count", ...this.columns.map(({ name }) => `${name}:sum`)],
                { context }
            )
        );
        const count = rows.reduce((sum, row) => sum + row.__count, 0);
        this.state.count = _t("%s records", formatters.get("integer")(count));
        this.state.sums = this.columns.map(({ name, label, type }) => ({
            name,
            label,
            text: rows
                .map((row) =>
                    formatters.get(type)(row[`${name}:sum`] || 0, {
                        currencyId: currencyField && row[currencyField][0],
                    })
                )
                .join(" + "),
        }));
    }
}

class TotalsControlPanel extends ControlPanel {
    static template = "property_base.TotalsControlPanel";
    static components = { ...ControlPanel.components, FilteredTotals };
}

class TotalsListController extends ListController {
    setup() {
        super.setup();
        useSubEnv({
            getListColumns: () =>
                this.archInfo.columns
                    .filter(
                        ({ type, name, optional, column_invisible }) =>
                            type === "field" &&
                            (!optional || this.optionalActiveFields[name]) &&
                            !this.evalViewModifier(column_invisible)
                    )
                    .map(({ name, label }) => [name, label]),
        });
    }
}

registry
    .category("views")
    .add("property_totals_list", {
        ...listView,
        Controller: TotalsListController,
        ControlPanel: TotalsControlPanel,
    })
    .add("property_totals_kanban", { ...kanbanView, ControlPanel: TotalsControlPanel });
