import { Link } from "react-router";
import type { Belonging } from "@/contract";

/** Which workflow an object belongs to, and what that means for changing it here. */
export function BelongsTo({ belonging, drifts }: { belonging: Belonging; drifts: boolean }) {
  const { workflow_id: id, workflow, environment, owned, made_by: maker, protected: isProtected, holds } = belonging;
  if (!id)
    return (
      <p className="rounded border border-line bg-sunken px-3 py-2 text-13">
        {holds
          ? "What a protected environment of another team has would go with it: only that team’s approved plans do that."
          : "It belongs to a protected environment of another team: only that team’s approved plans change it."}
      </p>
    );
  return (
    <p className="rounded border border-line bg-sunken px-3 py-2 text-13">
      {holds ? "Deleting it takes what belongs to" : "It belongs to"}{" "}
      <Link className="text-accent-text hover:underline" to={`/workflows/${id}`}>
        {workflow}
      </Link>{" "}
      in {environment}
      {!owned && !holds && (maker ? `; ${maker} made it` : ", by its label; no run has applied it")}.{" "}
      {isProtected
        ? "The environment is protected: only an approved plan changes it."
        : drifts
          ? "What you change here drifts: the next run puts it back, unless you take it into the workflow."
          : ""}
    </p>
  );
}
