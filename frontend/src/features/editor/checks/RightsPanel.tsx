import { CircleCheck } from "lucide-react";
import { useMemo } from "react";
import { askPreflight } from "@/api";
import type { Preflight } from "@/contract";
import { grantLines, missingRights, rightsMarks, sayRight } from "@/model/rights";
import { KindIcon, ObjectLine } from "@/product";
import { CodeView, EmptyState, RelativeTime } from "@/ui";
import { OwnRoles } from "./OwnRoles";
import { useDocument, useEditor } from "../state/session";
import { CheckPanel, useChecked } from "./CheckPanel";
import { useMarksOnCards } from "./useMarksOnCards";

/** Whether the cluster's credentials may do all that a run needs: what is missing, by node, and the Role that gives it. */
export function RightsPanel({ environmentId, place }: { environmentId: string; place: string }) {
  const { workflowId } = useEditor();
  const asked = useChecked(["preflight", workflowId, environmentId], () => askPreflight(environmentId));
  useMarksOnCards(useMemo(() => (asked.data ? rightsMarks(asked.data) : null), [asked.data]));
  return (
    <CheckPanel
      name="editor.rights"
      title="Rights"
      subtitle={place}
      asked={asked}
      failed="The rights could not be checked"
    >
      {(found) => (
        <>
          <Found preflight={found} />
          <OwnRoles environmentId={environmentId} preflight={found} />
        </>
      )}
    </CheckPanel>
  );
}

function Found({ preflight }: { preflight: Preflight }) {
  const { catalog } = useEditor();
  const nodes = useDocument((state) => state.document.nodes);
  const { missing, unserved, role, checked_at, allowed } = preflight;
  if (allowed)
    return (
      <EmptyState icon={<CircleCheck size={20} aria-hidden />} title="Nothing is missing">
        A run may do everything that this workflow needs. Checked <RelativeTime at={checked_at} />.
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-4 p-4">
      {missing.length > 0 && (
        <section aria-label="Missing rights" className="flex flex-col gap-2">
          <h3 className="text-12 font-medium text-bad">Missing rights</h3>
          {missingRights(missing).map(({ nodeId, rights }) => {
            const node = nodeId === null ? undefined : nodes[nodeId];
            return (
              <div key={nodeId ?? ""} className="rounded border border-line px-3 py-2">
                <p className="flex items-center gap-2 text-12">
                  {node && <KindIcon kind={catalog.kindById.get(node.kind)?.icon ?? node.kind} size={14} />}
                  <span className="font-mono">{node?.name ?? "The environment"}</span>
                </p>
                <ul className="mt-1 flex flex-col gap-0.5 text-12 text-muted">
                  {rights.map((right) => (
                    <li key={sayRight(right)} className="wrap-anywhere">
                      {sayRight(right)}
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </section>
      )}
      {unserved.length > 0 && (
        <section aria-label="Kinds that are not served" className="flex flex-col gap-2">
          <h3 className="text-12 font-medium text-bad">The cluster does not serve these kinds</h3>
          <ul className="flex flex-col gap-1 text-13">
            {unserved.map(({ node_id, ref }) => (
              <li key={`${node_id} ${ref.kind} ${ref.name}`}>
                <ObjectLine of={ref} note={ref.api_version} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {missing.length > 0 && role !== "" && (
        <section aria-label="Smallest role" className="flex flex-col gap-2">
          <p className="text-12 text-muted">
            With these roles, bound to the account of the cluster&apos;s credentials, a run may do all it needs and
            nothing more.
          </p>
          <CodeView code={role} label="Smallest role" />
          <p className="text-12 text-muted">
            Save them as role.yaml, and give them to the service account of the credentials:
          </p>
          <CodeView code={grantLines(role)} label="Commands that give the role" wrap />
        </section>
      )}
      <p className="text-12 text-muted">
        Checked <RelativeTime at={checked_at} />
      </p>
    </div>
  );
}
