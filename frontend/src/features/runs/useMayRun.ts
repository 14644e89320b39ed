import type { Run } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { useSession, useWorkflow } from "@/product";

/** True when the person may start and stop runs of this run's workflow; false until that is known. */
export function useMayRun(run: Pick<Run, "workflow">): boolean {
  const user = useSession().data?.user;
  const workflow = useWorkflow(run.workflow.id).data;
  return covers(roleIn(user, workflow?.team.id), "editor");
}
