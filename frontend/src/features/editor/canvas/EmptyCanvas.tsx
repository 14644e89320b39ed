import { FileDown, FileUp, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import type { Recipe } from "@/model/catalog";
import { KindIcon } from "@/product";
import { Kbd } from "@/ui";
import { addRecipe } from "../actions/recipes";
import { findKind } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";

/** What an empty canvas offers to start with. */
export function EmptyCanvas({ onImport }: { onImport: () => void }) {
  const session = useEditor();
  const flow = useFlow();
  const navigate = useNavigate();
  const readOnly = useDocument((state) => state.readOnly);
  if (readOnly) return <Notice>This workflow is empty.</Notice>;
  return (
    <div className="pointer-events-none absolute inset-0 flex overflow-y-auto p-4 pb-20 sm:px-6">
      <div className="pointer-events-auto m-auto w-full max-w-96 rounded-card border border-line bg-surface p-2 shadow-2 lg:max-w-192">
        <h2 className="px-3 pt-2 pb-1 text-14 font-semibold">Draw your application</h2>
        <p className="px-3 pb-2 text-13 text-muted">
          Nodes are Kubernetes objects, lines are the references between them.
        </p>
        <div className="grid gap-x-2 lg:grid-cols-2">
          <div>
            <Choice
              icon={<Search size={16} aria-hidden />}
              title="Find a kind and press Enter"
              aside={<Kbd keys="/" />}
              onClick={() => findKind(session)}
            >
              <span className="max-sm:hidden">Or drag one in from the left.</span>
            </Choice>
            <Choice
              icon={<FileUp size={16} aria-hidden />}
              title="Import Compose files or manifests"
              onClick={() => void navigate(`/imports/new?into=${session.workflowId}`)}
            >
              Or drop them here. You see what becomes of them first.
            </Choice>
            <Choice icon={<FileDown size={16} aria-hidden />} title="Import a workflow file" onClick={onImport}>
              YAML that was exported from another workflow.
            </Choice>
          </div>
          <section
            aria-label="Recipes"
            className="border-line max-lg:mt-2 max-lg:border-t max-lg:pt-2 lg:border-l lg:pl-2"
          >
            <h3 className="px-3 pt-1 pb-1 text-12 font-medium text-muted">Or start from a recipe</h3>
            <ul>
              {session.catalog.recipes.map((recipe) => (
                <li key={recipe.id}>
                  <RecipeChoice recipe={recipe} onClick={() => addRecipe(session, recipe, flow)} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </div>
  );
}

function Choice({
  icon,
  title,
  aside,
  onClick,
  children,
}: {
  icon: ReactNode;
  title: string;
  aside?: ReactNode;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex w-full items-center gap-3 rounded px-3 py-2 text-left hover:bg-hover"
    >
      <span className="flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block text-13 font-medium">{title}</span>
        <span className="block text-12 text-muted">{children}</span>
      </span>
      {aside}
    </button>
  );
}

/** A recipe with the glyphs of its kinds. */
function RecipeChoice({ recipe, onClick }: { recipe: Recipe; onClick: () => void }) {
  const { kindById } = useEditor().catalog;
  const kinds = [...new Set(recipe.nodes.map((node) => node.kind))].flatMap((id) => kindById.get(id) ?? []);
  return (
    <button
      type="button"
      title={recipe.description}
      onClick={onClick}
      className="flex min-h-8 w-full items-center gap-3 rounded px-3 py-1 text-left text-13 hover:bg-hover"
    >
      <span className="min-w-0 flex-1">{recipe.label}</span>
      <span aria-hidden className="flex shrink-0 gap-1">
        {kinds.map((kind) => (
          <span key={kind.id} className="kind-mark border-0! bg-transparent!" data-group={kind.group}>
            <KindIcon kind={kind.icon} />
          </span>
        ))}
      </span>
    </button>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="pointer-events-none absolute inset-0 flex items-center justify-center text-13 text-muted">
      {children}
    </p>
  );
}
