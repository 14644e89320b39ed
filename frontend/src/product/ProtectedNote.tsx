import { Lock } from "lucide-react";
import { Link } from "react-router";
import { useWorkflow } from "./queries/workflows";

interface Place {
  workflowId: string;
  environmentId: string;
}

/** The name of the environment where it is protected; null where it is not, and while that is not known. */
export function useProtected({ workflowId, environmentId }: Place): string | null {
  const environment = useWorkflow(workflowId).data?.environments.find(({ id }) => id === environmentId);
  return environment?.protected ? environment.name : null;
}

/** Why an object is not put right at once in a protected environment, with the way that leads there. */
export function ProtectedNote({ name, workflowId, environmentId }: Place & { name: string }) {
  return (
    <p className="flex gap-2 rounded border border-warn/40 bg-warn-soft px-3 py-2 text-12">
      <Lock size={14} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <span>
        <span className="font-medium">{name} is protected:</span> nothing is reverted here without a second person.{" "}
        <Link
          to={`/workflows/${workflowId}?environment=${environmentId}`}
          className="rounded-sm font-medium text-accent-text hover:underline"
        >
          Plan a run
        </Link>
        , and let another operator approve it. Adopting changes only the workflow.
      </span>
    </p>
  );
}
