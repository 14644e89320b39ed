import { History } from "lucide-react";
import { useMemo, useState } from "react";
import type { Version } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { explain, useSession, useVersions } from "@/product";
import { EmptyState, LinkButton, PagedTable } from "@/ui";
import { useOpenWorkflow } from "../WorkflowLayout";
import { columnsFor } from "./columns";
import { RunVersionDialog } from "./RunVersionDialog";

/** Every version of a workflow, where each is deployed, and the way to run one again. */
export default function VersionsPage() {
  const workflow = useOpenWorkflow();
  const user = useSession().data?.user;
  const query = useVersions(workflow.id);
  const [chosen, setChosen] = useState<Version | null>(null);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const mayRun =
    covers(roleIn(user, workflow.team.id), "editor") &&
    workflow.state !== "archived" &&
    workflow.environments.length > 0;
  const columns = useMemo(
    () => columnsFor(workflow.environments, mayRun ? setChosen : null),
    [workflow.environments, mayRun],
  );
  return (
    <>
      <PagedTable
        label="Versions"
        noun="version"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={columns}
        rowKey={(version) => String(version.number)}
        empty={
          <EmptyState
            icon={<History size={20} strokeWidth={1.5} aria-hidden />}
            title="No versions yet"
            action={<LinkButton to={`/workflows/${workflow.id}`}>Open workflow</LinkButton>}
          >
            Each run saves the graph as a version. Save one yourself to give it a name.
          </EmptyState>
        }
      />
      {chosen && <RunVersionDialog workflow={workflow} version={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}
