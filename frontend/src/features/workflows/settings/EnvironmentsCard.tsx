import { Plus, Server } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Environment, Workflow } from "@/contract";
import { EnvironmentDialog, RemoveEnvironmentDialog, UndeployDialog } from "@/product";
import { Button, Card, EmptyState } from "@/ui";
import { EnvironmentRow } from "./EnvironmentRow";

type Open =
  { readonly type: "add" } | { readonly type: "edit" | "undeploy" | "remove"; readonly environment: Environment };

/** Where the workflow runs: which version is deployed there, how it is, and what can be done about it. */
export function EnvironmentsCard({ workflow, writable }: { workflow: Workflow; writable: boolean }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const add = writable && (
    <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen({ type: "add" })}>
      Add environment
    </Button>
  );
  return (
    <Card
      title="Environments"
      description="Each one is a cluster, a namespace and variables. Environments do not share objects."
      actions={workflow.environments.length > 0 && add}
      padded={false}
    >
      {workflow.environments.length === 0 ? (
        <EmptyState
          className="py-10"
          icon={<Server size={20} strokeWidth={1.5} aria-hidden />}
          title="No environments yet"
          action={add}
        >
          A workflow runs in an environment: a namespace of a cluster.
        </EmptyState>
      ) : (
        <ul aria-label="Environments">
          {workflow.environments.map((environment) => (
            <EnvironmentRow
              key={environment.id}
              environment={environment}
              writable={writable}
              onOpen={(type) => setOpen({ type, environment })}
            />
          ))}
        </ul>
      )}
      {open?.type === "add" && <EnvironmentDialog workflow={workflow} onClose={close} />}
      {open?.type === "edit" && (
        <EnvironmentDialog
          workflow={workflow}
          environment={open.environment}
          onClose={close}
          onUndeploy={() => setOpen({ type: "undeploy", environment: open.environment })}
        />
      )}
      {open?.type === "undeploy" && (
        <UndeployDialog
          environment={open.environment}
          onClose={close}
          onStarted={(run) => void navigate(`/runs/${run.id}`)}
        />
      )}
      {open?.type === "remove" && <RemoveEnvironmentDialog environment={open.environment} onClose={close} />}
    </Card>
  );
}
