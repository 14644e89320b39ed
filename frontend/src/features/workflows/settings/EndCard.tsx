import { Archive, ArchiveRestore, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { RemoveWorkflowDialog } from "@/product";
import { Button, Card, ErrorState } from "@/ui";
import { useUnarchiveWorkflow } from "../queries";

/** Archive, unarchive, delete. */
export function EndCard({ workflow }: { workflow: Workflow }) {
  const navigate = useNavigate();
  const unarchive = useUnarchiveWorkflow();
  const [verb, setVerb] = useState<"archive" | "delete" | null>(null);
  const problem = unarchive.error ? asProblem(unarchive.error) : null;
  return (
    <Card
      title="Archive or delete"
      description="An archived workflow is read-only and hidden from the list. What happens to its objects is asked first."
    >
      {problem && (
        <ErrorState
          inline
          className="mb-3"
          title="Not unarchived"
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <div className="flex flex-wrap gap-2">
        {workflow.state === "archived" ? (
          <Button
            icon={<ArchiveRestore size={14} aria-hidden />}
            busy={unarchive.isPending}
            onClick={() => unarchive.mutate(workflow.id)}
          >
            Unarchive
          </Button>
        ) : (
          <Button icon={<Archive size={14} aria-hidden />} onClick={() => setVerb("archive")}>
            Archive…
          </Button>
        )}
        <Button tone="danger-ghost" icon={<Trash2 size={14} aria-hidden />} onClick={() => setVerb("delete")}>
          Delete…
        </Button>
      </div>
      {verb && (
        <RemoveWorkflowDialog
          verb={verb}
          workflow={workflow}
          onClose={() => setVerb(null)}
          onDone={() => void navigate("/workflows")}
        />
      )}
    </Card>
  );
}
