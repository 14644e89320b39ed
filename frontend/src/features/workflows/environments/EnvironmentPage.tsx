import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { covers, roleIn } from "@/model/roles";
import {
  DeploymentState,
  EnvironmentDialog,
  EnvironmentHealth,
  RemoveEnvironmentDialog,
  UndeployDialog,
  useSession,
} from "@/product";
import { Button, Card, ErrorState, Facts, LinkButton, TwoColumns } from "@/ui";
import { useOpenWorkflow } from "../WorkflowLayout";
import { ApprovalsCard } from "./ApprovalsCard";
import { BudgetCard } from "./BudgetCard";
import { EndCard } from "./EndCard";
import { QuarantineCard } from "./QuarantineCard";
import { RulesCard } from "./RulesCard";
import { SecretsCard } from "./SecretsCard";
import { TriggersCard } from "./triggers/TriggersCard";
import { YieldsCard } from "./YieldsCard";

/** One environment: where it is, what it may do by itself, and what is held back from it. */
export default function EnvironmentPage() {
  const workflow = useOpenWorkflow();
  const { environmentId } = useParams();
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const [open, setOpen] = useState<"edit" | "undeploy" | "remove" | null>(null);
  const close = () => setOpen(null);
  const environment = workflow.environments.find((each) => each.id === environmentId);
  const settings = `/workflows/${workflow.id}/settings`;
  if (!environment)
    return (
      <ErrorState
        className="flex-1"
        title="This environment does not exist"
        reason={`${workflow.name} has no such environment; it may have been removed.`}
        action={<LinkButton to={settings}>All environments</LinkButton>}
      />
    );
  const role = roleIn(user, workflow.team.id);
  const writable = covers(role, "editor") && workflow.state !== "archived";
  const { name, cluster, namespace, deployed } = environment;
  const variables = Object.keys(environment.variables).sort();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-240 flex-col gap-5 px-5 pt-4 pb-10 2xl:max-w-480">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Link to={settings} className="inline-flex items-center gap-1 rounded-sm text-12 text-muted hover:text-text">
            <ArrowLeft size={14} aria-hidden /> Environments
          </Link>
          <h2 className="min-w-0 flex-1 basis-40 truncate text-14 font-semibold">{name}</h2>
          <LinkButton size="sm" to={`/workflows/${workflow.id}/runs?environment=${environment.id}`}>
            Runs
          </LinkButton>
          {deployed && (
            <LinkButton size="sm" to="owners">
              Owners of fields
            </LinkButton>
          )}
          {writable && (
            <Button size="sm" onClick={() => setOpen("edit")}>
              Edit place and variables
            </Button>
          )}
        </div>
        <TwoColumns
          first={
            <>
              <Card title="Now">
                <Facts
                  rows={[
                    ["Health", <EnvironmentHealth key="health" environment={environment} />],
                    ["Deployed", <DeploymentState key="deployed" environment={environment} />],
                    [
                      "Place",
                      <span key="place" className="font-mono text-12 break-all">
                        {cluster.name}/{namespace}
                      </span>,
                    ],
                    [
                      "Variables",
                      variables.length === 0 ? (
                        <span key="variables" className="text-muted">
                          none
                        </span>
                      ) : (
                        <span key="variables" className="font-mono text-12 break-words">
                          {variables.join(", ")}
                        </span>
                      ),
                    ],
                  ]}
                />
              </Card>
              <ApprovalsCard environment={environment} mayRun={writable} />
              <SecretsCard key={environment.id} environment={environment} writable={writable} />
              <TriggersCard environment={environment} writable={writable} />
            </>
          }
          second={
            <>
              <RulesCard environment={environment} writable={writable} mayProtect={covers(role, "operator")} />
              <BudgetCard
                key={JSON.stringify(environment.deletion_budget)}
                environment={environment}
                writable={writable && covers(role, "operator")}
              />
              <YieldsCard environment={environment} writable={writable} />
              <QuarantineCard environment={environment} writable={writable} />
              {writable && <EndCard environment={environment} onOpen={setOpen} />}
            </>
          }
        />
      </div>
      {open === "edit" && (
        <EnvironmentDialog
          workflow={workflow}
          environment={environment}
          onClose={close}
          onSaved={() => void navigate(".", { replace: true })}
          onUndeploy={() => setOpen("undeploy")}
        />
      )}
      {open === "undeploy" && (
        <UndeployDialog
          environment={environment}
          onClose={close}
          onStarted={(run) => void navigate(`/runs/${run.id}`)}
        />
      )}
      {open === "remove" && <RemoveEnvironmentDialog environment={environment} onClose={close} />}
    </div>
  );
}
