import { Link } from "react-router";
import type { Belonging } from "@/contract";

/** Which workflow an object belongs to, and what that means for changing it here. */
export function BelongsTo({ belonging, drifts }: { belonging: Belonging; drifts: boolean }) {
  const { workflow_id: id, workflow, environment, owned, made_by: maker, protected: isProtected } = belonging;
  if (!id)
    return (
      <p className="rounded border border-line bg-sunken px-3 py-2 text-13">
        A protected environment of another team is in it: only that team’s approved plans change what is there.
      </p>
    );
  return (
    <p className="rounded border border-line bg-sunken px-3 py-2 text-13">
      It belongs to{" "}
      <Link className="text-accent-text hover:underline" to={`/workflows/${id}`}>
        {workflow}
      </Link>{" "}
      in {environment}
      {!owned && (maker ? `; ${maker} made it` : ", by its label; no run has applied it")}.{" "}
      {isProtected
        ? "The environment is protected: only an approved plan changes it."
        : drifts
          ? "What you change here drifts: the next run puts it back, unless you take it into the workflow."
          : ""}
    </p>
  );
}
