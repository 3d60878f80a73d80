import { Component, markRaw, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { Domain } from "@web/core/domain";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSortable } from "@web/core/utils/sortable_owl";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// Bootstrap's blue and green, and grey: as the tiles of the room board.
const SLICE_COLORS = { leased: "#0d6efd", sold: "#198754", vacant: "#adb5bd" };

/** A card's pie: leased, sold and vacant rooms. The table beside it says the same in words. */
export class HomePie extends Component {
    static template = "property_base.HomePie";
    static props = { card: Object, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.getConfig());
                return () => chart.destroy();
            },
            () => [this.props.card]
        );
    }

    getConfig() {
        const { slices } = this.props.card;
        return {
            type: "doughnut",
            data: {
                labels: slices.map((slice) => slice.label),
                datasets: [
                    {
                        data: slices.map((slice) => slice.count),
                        backgroundColor: slices.map((slice, index) => this.getColor(slice, index)),
                        borderWidth: 1,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: { legend: { display: false } },
                onClick: (ev, [element]) => element && this.props.open(slices[element.index]),
            },
        };
    }

    getColor(slice, index) {
        return SLICE_COLORS[slice.key] || getColor(index, cookie.get("color_scheme"), "odoo");
    }

    formatRate(rate) {
        return `${formatFloat(rate, { digits: [16, 2] })} %`;
    }
}

/** A card's rates: a bar each, from red (nothing collected) to green (all collected). */
export class HomeRates extends Component {
    static template = "property_base.HomeRates";
    static props = { card: Object, open: Function };

    getHue(rate) {
        return Math.round(Math.min(Math.max(rate, 0), 100) * 1.2);
    }

    formatRate(rate) {
        return `${formatFloat(rate, { digits: [16, 2] })} %`;
    }

    getAmounts(row) {
        const format = (amount) => formatMonetary(amount, { currencyId: this.props.card.currency_id });
        return _t("%(received)s of %(receivable)s", {
            received: format(row.received),
            receivable: format(row.receivable),
        });
    }
}

/** The front page of staff: the cards of `property.home`, as the user arranged them. */
export class PropertyHome extends Component {
    static template = "property_base.PropertyHome";
    static components = { CheckBox, Dropdown, HomePie, HomeRates, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.keepLast = new KeepLast();
        this.mutex = new Mutex(); // the last arrangement wins, not the last answer
        this.state = useState({
            status: "loading",
            cards: [],
            hidden: [],
            projectIds: [],
            isArranging: false,
            isSaving: false,
        });
        this.projects = [];
        this.openItem = this.openItem.bind(this);
        const cards = useRef("cards");
        useSortable({
            ref: cards,
            elements: ".o_property_home_card",
            handle: ".o_property_home_handle",
            enable: () => this.state.isArranging,
            cursor: "move",
            onDrop: ({ element, previous }) =>
                this.moveCard(element.dataset.key, previous && previous.dataset.key),
        });
        onWillStart(() => this.load());
    }

    //---------------------------------------------------------------------
    // Data
    //---------------------------------------------------------------------

    async load(projectIds = null) {
        try {
            const home = await this.keepLast.add(
                this.orm.silent.call("property.home", "get_home", [projectIds])
            );
            this.projects = home.projects;
            Object.assign(this.state, {
                status: "ready",
                cards: home.cards.map(markRaw),
                hidden: home.hidden,
                projectIds: home.project_ids,
            });
        } catch (error) {
            this.state.status = "error";
            throw error;
        }
    }

    get shownCards() {
        const { cards, hidden, isArranging } = this.state;
        return isArranging ? cards : cards.filter(({ key }) => !hidden.includes(key));
    }

    get projectsLabel() {
        const { projectIds } = this.state;
        return projectIds.length
            ? _t("%(chosen)s of %(all)s projects", {
                  chosen: projectIds.length,
                  all: this.projects.length,
              })
            : _t("All projects");
    }

    isHidden(card) {
        return this.state.hidden.includes(card.key);
    }

    formatFigure({ amount, count, currency_id: currencyId }) {
        return currencyId ? formatMonetary(amount, { currencyId }) : count;
    }

    //---------------------------------------------------------------------
    // Arranging
    //---------------------------------------------------------------------

    async saveLayout() {
        this.state.isSaving = true;
        await this.mutex.exec(() => {
            const { cards, hidden, projectIds } = this.state;
            return this.orm.silent.call("property.home", "set_layout", [
                cards.map(({ key }) => key),
                [...hidden],
                [...projectIds],
            ]);
        });
        this.state.isSaving = false;
    }

    toggleArranging() {
        this.state.isArranging = !this.state.isArranging;
    }

    moveCard(key, previousKey) {
        const { cards } = this.state;
        const [card] = cards.splice(cards.findIndex((candidate) => candidate.key === key), 1);
        cards.splice(cards.findIndex((candidate) => candidate.key === previousKey) + 1, 0, card);
        return this.saveLayout();
    }

    /** The same by keyboard and for who cannot drag. */
    shiftCard(card, offset) {
        const { cards } = this.state;
        const index = cards.indexOf(card);
        cards.splice(index, 1);
        cards.splice(Math.max(index + offset, 0), 0, card);
        return this.saveLayout();
    }

    toggleCard({ key }) {
        const { hidden } = this.state;
        this.state.hidden = hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key];
        return this.saveLayout();
    }

    toggleProject(projectId, isChosen) {
        const others = this.state.projectIds.filter((id) => id !== projectId);
        return this.chooseProjects(isChosen ? [...others, projectId] : others);
    }

    async chooseProjects(projectIds) {
        this.state.projectIds = projectIds; // the next tick adds to it, before the answer is there
        await this.load(projectIds);
        await this.saveLayout();
    }

    //---------------------------------------------------------------------
    // Opening
    //---------------------------------------------------------------------

    async openItem(item) {
        if (item.res_id) {
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: item.res_model,
                res_id: item.res_id,
                views: [[false, "form"]],
            });
            return;
        }
        const action = await this.action.loadAction(item.action);
        const own = new Domain(action.domain || []).toList(user.context);
        await this.action.doAction(
            { ...action, domain: Domain.and([own, item.domain]).toList(user.context) },
            item.view ? { viewType: item.view } : {}
        );
    }
}

registry.category("actions").add("property_home", PropertyHome);
