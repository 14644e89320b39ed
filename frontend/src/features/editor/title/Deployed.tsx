import type { Workflow } from "@/contract";
import { DeploymentState, StatusPill } from "@/product";
import { useView } from "../state/session";
import { Undeployed } from "./Undeployed";

/** Which version the chosen environment has; an archived workflow says that instead. */
export function Deployed({ workflow }: { workflow: Workflow }) {
  const environmentId = useView((state) => state.environmentId);
  if (workflow.state === "archived") return <StatusPill status="archived" />;
  const environment = workflow.environments.find((candidate) => candidate.id === environmentId);
  if (!environment) return null;
  return (
    <span className="text-12 whitespace-nowrap text-muted">
      <DeploymentState environment={environment} edits={false} />
      {(environment.deployed ?? environment.partly) && <Undeployed environment={environment} />}
    </span>
  );
}
