import { CloudOff, MoreHorizontal, Pencil, Trash2, Zap } from "lucide-react";
import { Link, useNavigate } from "react-router";
import type { Environment } from "@/contract";
import { plural } from "@/model/words";
import { DeploymentState, EnvironmentHealth, StatusGlyph } from "@/product";
import { IconButton, LinkButton, Menu, Tag } from "@/ui";

const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** One environment: its place, what is deployed there and how that is. */
export function EnvironmentRow({
  environment,
  writable,
  onOpen,
}: {
  environment: Environment;
  writable: boolean;
  onOpen: (dialog: "edit" | "undeploy" | "remove") => void;
}) {
  const navigate = useNavigate();
  const { name, cluster, namespace, active_run: run } = environment;
  const page = `/workflows/${environment.workflow_id}/environments/${environment.id}`;
  const variables = Object.keys(environment.variables).length;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex min-w-0 items-center gap-2">
          <Link to={page} className="min-w-0 truncate rounded-sm text-13 font-medium hover:underline" title={name}>
            {name}
          </Link>
          {environment.protected && <Tag>protected</Tag>}
          {cluster.state !== "ready" && <StatusGlyph status={cluster.state} className="text-12 text-muted" />}
        </p>
        <p className="flex min-w-0 flex-wrap gap-x-2 text-12 text-muted">
          <span className="min-w-0 font-mono break-all">
            {cluster.name}/{namespace}
          </span>
          <span>{variables === 0 ? "no variables" : plural(variables, "variable")}</span>
        </p>
      </div>
      <div className="flex w-46 min-w-0 flex-col text-12">
        <EnvironmentHealth environment={environment} className="text-13" />
        <DeploymentState environment={environment} className="text-muted" />
      </div>
      <div className="ml-auto flex items-center gap-1">
        {run && (
          <Link
            to={`/runs/${run.id}`}
            className="mr-1 flex items-center gap-1.5 rounded-sm text-12 text-muted hover:underline"
          >
            <StatusGlyph status={run.state} size={12} />
            <span className="tnum">#{run.number}</span>
          </Link>
        )}
        <LinkButton size="sm" to={page} aria-label={`Settings of ${name}`}>
          Settings
        </LinkButton>
        <Menu
          trigger={
            <IconButton label={`Actions for ${name}`} size="sm">
              <MoreHorizontal {...icon} />
            </IconButton>
          }
          entries={[
            writable && {
              label: "Edit place and variables…",
              icon: <Pencil {...icon} />,
              onSelect: () => onOpen("edit"),
            },
            {
              label: "Runs of this environment",
              icon: <Zap {...icon} />,
              onSelect: () => void navigate(`/workflows/${environment.workflow_id}/runs?environment=${environment.id}`),
            },
            writable && { type: "separator" },
            writable && {
              label: "Undeploy…",
              hint: "Deletes its objects in the cluster",
              icon: <CloudOff {...icon} />,
              danger: true,
              onSelect: () => onOpen("undeploy"),
            },
            writable && {
              label: "Remove environment…",
              icon: <Trash2 {...icon} />,
              danger: true,
              onSelect: () => onOpen("remove"),
            },
          ]}
        />
      </div>
    </li>
  );
}
