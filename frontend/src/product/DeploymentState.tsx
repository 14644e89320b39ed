import { Link } from "react-router";
import type { Environment } from "@/contract";
import { cx, RelativeTime, Tooltip } from "@/ui";
import { deploymentTime, deploymentWord, isDeploying, partlyReason } from "./health";

/** Which version an environment has and since when; of one that is a mix, of what, and the run that left it so. */
export function DeploymentState({
  environment,
  edits = true,
  className,
}: {
  environment: Environment;
  /** Says as well that the graph was edited since. */
  edits?: boolean;
  className?: string;
}) {
  const at = deploymentTime(environment);
  const why = partlyReason(environment);
  if (environment.partly && why)
    return (
      <Tooltip text={why}>
        <Link
          to={`/runs/${environment.partly.run.id}`}
          className={cx("rounded-sm text-warn hover:underline", className)}
        >
          {deploymentWord(environment)}
        </Link>
      </Tooltip>
    );
  const { deployed } = environment;
  return (
    <span className={className}>
      {deployed && !isDeploying(environment) ? `deployed v${deployed.version}` : deploymentWord(environment)}
      {at !== null && (
        <>
          {" "}
          <RelativeTime at={at} className="text-muted" />
        </>
      )}
      {edits && deployed?.edited_since && ", edited since"}
    </span>
  );
}
