import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";
import { PropertyTreePanel } from "./property_tree_panel";

registry
    .category("views")
    .add("property_unit_list", { ...listView, SearchPanel: PropertyTreePanel })
    .add("property_unit_kanban", { ...kanbanView, SearchPanel: PropertyTreePanel });
