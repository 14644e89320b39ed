import { Plus, Server } from "lucide-react";
import { useMemo } from "react";
import type { Workflow } from "@/contract";
import { nodeLabel } from "@/model/written";
import { KindIcon } from "@/product";
import { useCommands, type Command } from "@/ui";
import { addNodeInView } from "../actions/editing";
import { addRecipe } from "../actions/recipes";
import { showRecords } from "../actions/showing";
import { RecipeMark } from "../palette/RecipeMark";
import { chooseEnvironment } from "../state/environment";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";
import { ICON } from "./command";

/** What the palette finds in the open workflow: its nodes, the kinds and recipes to add, its environments. */
export function useFoundCommands({ environments }: Workflow): void {
  const session = useEditor();
  const flow = useFlow();
  const nodes = useDocument((state) => state.document.nodes);
  const readOnly = useDocument((state) => state.readOnly);
  const { catalog } = session;
  useCommands(
    useMemo((): Command[] => {
      const nodeRows = Object.values(nodes).map((node) => ({
        name: `node:${node.id}`,
        label: node.name,
        group: "Nodes",
        keywords: nodeLabel(catalog, node),
        icon: <KindIcon kind={catalog.kindById.get(node.kind)?.icon ?? node.kind} size={16} />,
        onSearch: true,
        perform: () => showRecords(session, [node.id], [], flow),
      }));
      const kindRows = catalog.kinds.map((kind) => ({
        name: `kind.add:${kind.id}`,
        label: `Add ${kind.label}`,
        group: "Canvas",
        keywords: `${kind.id} ${kind.description}`,
        icon: <Plus {...ICON} />,
        onSearch: true,
        enabled: () => !readOnly,
        perform: () => addNodeInView(session, kind, flow),
      }));
      const recipeRows = catalog.recipes.map((recipe) => ({
        name: `recipe.add:${recipe.id}`,
        label: `Add ${recipe.label}`,
        group: "Canvas",
        keywords: `recipe ${recipe.description}`,
        icon: <RecipeMark />,
        onSearch: true,
        enabled: () => !readOnly,
        perform: () => addRecipe(session, recipe, flow),
      }));
      const environmentRows = environments.map((environment) => ({
        name: `environment:${environment.id}`,
        label: `Show ${environment.name}`,
        group: "Environments",
        keywords: `${environment.cluster.name} ${environment.namespace}`,
        icon: <Server {...ICON} />,
        onSearch: true,
        perform: () => chooseEnvironment(session, environment.id),
      }));
      return [...nodeRows, ...kindRows, ...recipeRows, ...environmentRows];
    }, [session, flow, catalog, nodes, readOnly, environments]),
  );
}
