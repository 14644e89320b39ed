import { Link } from "react-router";
import type { BuildDetail, BuildWorkflow } from "@/contract";
import { useBuildWorkflows } from "./queries";

const LINK = "rounded-sm text-accent-text hover:underline";
const SHOWN = 5;

/** The way to the workflows that draw the source of a build, or have run its image. */
export function DrawnIn({ build }: { build: BuildDetail }) {
  const { data } = useBuildWorkflows(build.id);
  if (!data) return null;
  if (data.length === 0) return <span>No workflow draws {build.source_name}.</span>;
  const shown = data.slice(0, SHOWN);
  return (
    <span className="flex min-w-0 gap-2">
      <span className="shrink-0">Drawn in</span>
      <span className="flex min-w-0 flex-col gap-0.5">
        {shown.map((one) => (
          <Row key={one.id} of={one} />
        ))}
        {data.length > SHOWN && <span>and {data.length - SHOWN} more</span>}
      </span>
    </span>
  );
}

function Row({ of }: { of: BuildWorkflow }) {
  const { run } = of;
  return (
    <span className="wrap-anywhere">
      <Link to={`/workflows/${of.id}`} className={LINK}>
        {of.name}
      </Link>
      {of.pinned && " (pinned to this build)"}
      {!of.node && " (no longer)"}
      {run ? (
        <>
          ; taken by{" "}
          <Link to={`/runs/${run.id}`} className={LINK}>
            run #{run.number}
          </Link>{" "}
          in {run.environment}
          {run.state !== "succeeded" && `, ${run.state.replaceAll("_", " ")}`}
        </>
      ) : (
        of.node && "; no run has taken this build"
      )}
    </span>
  );
}
