import { _t } from "@web/core/l10n/translation";
import { SearchPanel } from "@web/search/search_panel/search_panel";
import { PropertyTree } from "../property_tree/property_tree";
import { PropertyTreeDrawer } from "../property_tree/property_tree_drawer";

/**
 * Search panel with the property tree on top. A node filters through a facet of the search bar, so
 * that the user sees what filters, can remove it, and finds it again when he comes back.
 */
export class PropertyTreePanel extends SearchPanel {
    static template = "property_base.PropertyTreePanel";
    static components = { ...SearchPanel.components, PropertyTree, PropertyTreeDrawer };

    setup() {
        super.setup();
        this.state.isDrawerOpen = false;
        this.propertyTreeLabel = _t("Property tree");
    }

    /** Which nodes are unfolded stays so when the user comes back, as for the other sections. */
    exportState() {
        const exported = JSON.parse(super.exportState());
        return JSON.stringify({ ...exported, propertyTree: this.state.propertyTree });
    }

    importState(state) {
        super.importState(state);
        this.state.propertyTree = state?.propertyTree || {};
    }

    get nodeFilter() {
        const { query, searchItems } = this.env.searchModel;
        return query
            .map(({ searchItemId }) => searchItems[searchItemId])
            .find((searchItem) => searchItem.propertyNodeKey);
    }

    /** The base class folds a panel without sections; this one always has the tree. */
    updateActiveValues() {
        const { sidebarExpanded } = this.state;
        super.updateActiveValues();
        this.state.sidebarExpanded = sidebarExpanded;
    }

    selectNode({ key, description, domain, context }) {
        const { searchModel } = this.env;
        const previous = this.nodeFilter;
        const isChosen = previous?.propertyNodeKey !== key;
        if (previous) {
            // Or the view would load all records before those of the new node.
            searchModel.blockNotification = isChosen;
            searchModel.deactivateGroup(previous.groupId);
            searchModel.blockNotification = false;
        }
        if (isChosen) {
            searchModel.createNewFilters([
                { description, domain, context, invisible: "True", propertyNodeKey: key },
            ]);
        }
    }

    reloadView() {
        this.env.searchModel.search();
    }
}
