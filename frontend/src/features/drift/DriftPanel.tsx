import { Undo2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { DriftRow } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { plural, sentence } from "@/model/words";
import { ProtectedNote, useProtected, useSession } from "@/product";
import { Button, ConfirmDialog, ErrorState, Facts, RelativeTime, SidePanel } from "@/ui";
import { DriftField } from "./DriftField";
import { useDecide } from "./queries";

/** One object that others have changed: each field, who changed it, and what becomes of it. */
export function DriftPanel({ row, onClose }: { row: DriftRow; onClose: () => void }) {
  const { ref, workflow, environment, feud, fields, reason } = row;
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const decide = useDecide(environment.id);
  const [asking, setAsking] = useState<"revert" | "adopt" | null>(null);
  const place = { workflowId: workflow.id, environmentId: environment.id };
  const guarded = useProtected(place);
  const mayDecide = covers(roleIn(user, row.team_id), "editor");
  const carryOut = (decision: Parameters<typeof decide.mutate>[0]) =>
    decide.mutate(decision, {
      onSuccess: (run) => {
        setAsking(null);
        if (run) void navigate(`/runs/${run.id}`);
      },
    });
  const problem = decide.error ? asProblem(decide.error) : null;
  const refused = problem && (
    <ErrorState inline title="Nothing was changed" reason={problem.besides([])} details={problem.describe()} />
  );
  return (
    <SidePanel name="drift" title={ref.name} subtitle={ref.kind} onClose={onClose} min={340} max={640} initial={480}>
      <div className="flex flex-col gap-4 p-4">
        {mayDecide && fields.length > 0 && (
          <div className="flex flex-wrap gap-2">
            {guarded === null && (
              <Button
                tone="primary"
                size="sm"
                icon={<Undo2 size={14} aria-hidden />}
                disabled={decide.isPending}
                onClick={() => setAsking("revert")}
              >
                Revert…
              </Button>
            )}
            <Button size="sm" disabled={decide.isPending} onClick={() => setAsking("adopt")}>
              Adopt into the workflow…
            </Button>
          </div>
        )}
        {mayDecide && guarded !== null && <ProtectedNote name={guarded} {...place} />}
        {asking === null && refused}
        {reason && <ErrorState inline title="Not known" reason={sentence(reason)} />}
        {feud && (
          <section role="alert" className="rounded border border-warn/40 bg-warn-soft px-3 py-2 text-13">
            <h3 className="font-medium">{feud.managers.join(" and ")} overwrite each other</h3>
            <p className="mt-0.5 break-words text-muted">
              <code className="font-mono text-12 break-all">{feud.path}</code> has changed hands {feud.flips} times
              since <RelativeTime at={feud.since} />. Decide about it below, or it goes on.
            </p>
          </section>
        )}
        <section>
          <h3 className="mb-1 text-12 font-medium text-muted">{plural(fields.length, "field")}</h3>
          <ul aria-label="Fields" className="rounded border border-line bg-surface">
            {fields.map((field) => (
              <DriftField
                key={field.path}
                field={field}
                busy={decide.isPending}
                onDecide={mayDecide ? (choice) => carryOut({ type: "settle", ref, path: field.path, choice }) : null}
              />
            ))}
          </ul>
        </section>
        <Facts
          rows={[
            ["Workflow", workflow.name],
            ["Environment", environment.name],
            Boolean(ref.namespace) && [
              "Namespace",
              <span key="namespace" className="font-mono text-12 break-all">
                {ref.namespace}
              </span>,
            ],
            ["Since", <RelativeTime key="since" at={row.since} />],
            row.as_of !== null && ["As of", <RelativeTime key="as-of" at={row.as_of} />],
          ]}
        />
        <Link
          to={`/workflows/${workflow.id}?environment=${environment.id}&node=${encodeURIComponent(row.node_id)}`}
          className="w-fit rounded-sm text-13 font-medium text-accent-text hover:underline"
        >
          Show on the canvas
        </Link>
      </div>
      {asking && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          tone="primary"
          title={asking === "revert" ? `Revert ${ref.name} in ${environment.name}` : `Adopt the values of ${ref.name}`}
          description={
            asking === "revert"
              ? `A run applies ${ref.kind} ${ref.name} as it was applied last, and takes its fields from whoever holds them.`
              : `The values of the cluster go into the graph of ${workflow.name}. Nothing is applied now.`
          }
          confirmLabel={asking === "revert" ? "Revert" : "Adopt"}
          busy={decide.isPending}
          onConfirm={() => carryOut({ type: asking, ref })}
          error={refused}
        >
          <ul className="max-h-56 overflow-y-auto rounded border border-line bg-sunken">
            {fields.map((field) => (
              <DriftField key={field.path} field={field} isBack={asking === "revert"} busy onDecide={null} />
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </SidePanel>
  );
}
