import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

/** What is known of a unit: who is in it since when, how to reach them, what they owe. */
export class UnitCard extends Component {
    static template = "property_base.UnitCard";
    static props = {
        unit: Object,
        state: Object,
        currencyId: { type: [Number, Boolean] },
        load: Function,
        close: { type: Function, optional: true },
    };

    setup() {
        this.state = useState({ details: null });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((nextProps) => {
            if (nextProps.unit.id !== this.props.unit.id) {
                return this.load(nextProps);
            }
        });
    }

    /** The card opens at once; the people come as soon as the server has answered. */
    load({ unit, load }) {
        this.state.details = null;
        load(unit).then((details) => {
            if (unit.id === this.props.unit.id) {
                this.state.details = details;
            }
        });
    }

    get facts() {
        const { details } = this.state;
        return [details.kind, details.layout, this.formatArea(details.area)]
            .filter(Boolean)
            .join(" · ");
    }

    formatArea(area) {
        return area ? `${formatFloat(area, { digits: [16, 2], trailingZeros: false })} m²` : "";
    }

    // Whole sentences, since every language has its own order and stops.
    get arrears() {
        const amount = formatMonetary(this.state.details.arrears, {
            currencyId: this.props.currencyId,
        });
        return _t("Arrears: %(amount)s", { amount });
    }

    get handover() {
        const day = deserializeDate(this.state.details.handover);
        const date = formatDate(day);
        return day > luxon.DateTime.now()
            ? _t("To be handed over on %(date)s.", { date })
            : _t("Handed over on %(date)s.", { date });
    }

    getTime({ since, until }) {
        return until
            ? _t("%(start)s to %(end)s", {
                  start: this.formatDate(since),
                  end: this.formatDate(until),
              })
            : _t("since %(date)s", { date: this.formatDate(since) });
    }

    formatDate(date) {
        return formatDate(deserializeDate(date));
    }
}
