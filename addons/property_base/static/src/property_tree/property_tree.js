import { Component, onMounted, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { normalize } from "@web/core/l10n/utils/normalize";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const LEVELS = {
    "property.project": { field: "project_id", icon: "fa-map-o" },
    "property.building": { field: "building_id", icon: "fa-building-o" },
    "property.entrance": { field: "entrance_id", icon: "fa-sign-in" },
};

/**
 * The tree project → building → entrance. It asks the server once; what is folded is not rendered.
 */
export class PropertyTree extends Component {
    static template = "property_base.PropertyTree";
    static components = { Dropdown, DropdownItem };
    static props = {
        expanded: Object, // whether a node is unfolded, by key
        selectedKey: { type: [String, Boolean] },
        onSelect: Function,
        onChange: Function,
        kind: { type: String, optional: true }, // only where such units are
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.rowsRef = useRef("rows");
        this.menu = useDropdownState();
        this.expanded = useState(this.props.expanded);
        this.state = useState({
            status: "loading",
            nodes: [],
            canCreate: {},
            query: "",
            focusedKey: false,
            menuKey: false,
        });
        this.newProjectLabel = _t("New project");
        this.foldLabel = _t("Fold");
        this.unfoldLabel = _t("Unfold");
        this.menuLabel = _t("Actions");
        this.hasMovedFocus = false;
        onMounted(() => this.load());
        onWillUpdateProps(({ selectedKey }) => {
            if (selectedKey !== this.props.selectedKey) {
                this.reveal(selectedKey, this.state.nodes);
            }
        });
        useEffect(
            () => {
                if (this.hasMovedFocus) {
                    this.hasMovedFocus = false;
                    const index = this.rows.findIndex(({ node }) => node.key === this.focusedKey);
                    this.rowsRef.el.children[index]?.focus();
                }
            },
            () => [this.state.focusedKey]
        );
    }

    //---------------------------------------------------------------------
    // Data
    //---------------------------------------------------------------------

    async load() {
        try {
            const { nodes, can_create: canCreate } = await this.orm.silent.call(
                "property.project",
                "get_property_tree",
                [this.props.kind || false]
            );
            for (const node of nodes) {
                this.prepareNode(node, false);
            }
            if (nodes.length === 1) {
                this.expanded[nodes[0].key] ??= true;
            }
            Object.assign(this.state, { status: "ready", nodes, canCreate });
            this.reveal(this.props.selectedKey, nodes);
        } catch (error) {
            this.state.status = "error";
            throw error;
        }
    }

    retry() {
        this.state.status = "loading";
        return this.load();
    }

    /** The server sends only what it knows; the rest follows from the nesting. */
    prepareNode(node, parent) {
        node.key = `${node.model},${node.id}`;
        node.parent = parent;
        node.path = parent ? `${parent.path} / ${node.name}` : node.name;
        node.searchText = normalize(node.path);
        for (const child of node.children) {
            this.prepareNode(child, node);
        }
    }

    /** Unfold what the selected node is in, unless the user has folded it. */
    reveal(key, nodes) {
        return nodes.some((node) => {
            const isAbove = this.reveal(key, node.children);
            if (isAbove) {
                this.expanded[node.key] ??= true;
            }
            return isAbove || node.key === key;
        });
    }

    isMatch(node, query) {
        return (
            node.searchText.includes(query) ||
            node.children.some((child) => this.isMatch(child, query))
        );
    }

    /** The rows on the screen, from top to bottom. */
    get rows() {
        const rows = [];
        const query = normalize(this.state.query.trim());
        const addRows = (nodes, level) => {
            for (const node of nodes) {
                if (!this.isMatch(node, query)) {
                    continue;
                }
                const isExpanded =
                    node.children.length > 0 &&
                    (this.expanded[node.key] ?? !node.searchText.includes(query));
                rows.push({ node, level, isExpanded, icon: LEVELS[node.model].icon });
                if (isExpanded) {
                    addRows(node.children, level + 1);
                }
            }
        };
        addRows(this.state.nodes, 1);
        return rows;
    }

    /** One row is in the tab order: the focused one, else the selected one, else the first. */
    get focusedKey() {
        const keys = this.rows.map(({ node }) => node.key);
        return [this.state.focusedKey, this.props.selectedKey, keys[0]].find((key) =>
            keys.includes(key)
        );
    }

    /** What can be done with a node, as far as the user's rights go. */
    getMenuItems(node) {
        const { model, id } = node;
        const { canCreate } = this.state;
        const items = [{ label: _t("Open"), onSelected: () => this.openNode(node) }];
        const addCreation = (label, resModel, context) => {
            if (canCreate[resModel]) {
                items.push({ label, onSelected: () => this.createRecord(label, resModel, context) });
            }
        };
        if (model === "property.project") {
            addCreation(_t("New building"), "property.building", { default_project_id: id });
            return items;
        }
        const context = { default_building_id: id };
        if (model === "property.entrance") {
            Object.assign(context, {
                default_building_id: node.parent.id,
                default_entrance_id: id,
                default_entrance_ids: [id],
            });
        } else {
            addCreation(_t("New entrance"), "property.entrance", context);
        }
        addCreation(_t("New unit"), "property.unit", context);
        if (canCreate["property.unit"]) {
            items.push({
                label: _t("Generate units"),
                onSelected: () => this.generateUnits(context),
            });
        }
        return items;
    }

    //---------------------------------------------------------------------
    // Actions
    //---------------------------------------------------------------------

    openNode({ model, id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    createRecord(title, resModel, context) {
        this.dialog.add(FormViewDialog, {
            title,
            resModel,
            context,
            onRecordSaved: () => this.refresh(),
        });
    }

    generateUnits(context) {
        return this.action.doAction("property_base.property_unit_generator_action", {
            additionalContext: context,
        });
    }

    refresh() {
        this.props.onChange();
        return this.load();
    }

    select(node) {
        this.state.focusedKey = node.key;
        const { field } = LEVELS[node.model];
        const context = {};
        for (let ancestor = node; ancestor.parent; ancestor = ancestor.parent) {
            context[`default_${LEVELS[ancestor.model].field}`] = ancestor.id;
        }
        this.props.onSelect({
            key: node.key,
            description: node.path,
            domain: `[("${field}", "=", ${node.id})]`,
            context,
        });
    }

    toggle(node, isExpanded) {
        this.expanded[node.key] = isExpanded;
    }

    openMenu(node) {
        this.state.focusedKey = node.key;
        this.menu.close();
        this.state.menuKey = node.key;
        this.menu.open();
    }

    moveFocus(node) {
        if (node && node.key !== this.state.focusedKey) {
            this.hasMovedFocus = true;
            this.state.focusedKey = node.key;
        }
    }

    //---------------------------------------------------------------------
    // Handlers
    //---------------------------------------------------------------------

    onKeydown(ev, { node, isExpanded }) {
        const rows = this.rows;
        const index = rows.findIndex((row) => row.node.key === node.key);
        const keys = {
            ArrowDown: () => this.moveFocus(rows[index + 1]?.node),
            ArrowUp: () => this.moveFocus(rows[index - 1]?.node),
            Home: () => this.moveFocus(rows[0].node),
            End: () => this.moveFocus(rows.at(-1).node),
            ArrowRight: () =>
                isExpanded
                    ? this.moveFocus(rows[index + 1].node)
                    : this.toggle(node, node.children.length > 0),
            ArrowLeft: () =>
                isExpanded ? this.toggle(node, false) : this.moveFocus(node.parent),
            Enter: () => this.select(node),
            " ": () => this.select(node),
        };
        if (ev.target === ev.currentTarget && keys[ev.key]) {
            ev.preventDefault();
            ev.stopPropagation();
            keys[ev.key]();
        }
    }
}
