import {
  Archive,
  Diff,
  Download,
  FileUp,
  GitCompareArrows,
  Puzzle,
  Settings,
  ShieldCheck,
  SlidersHorizontal,
} from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { exportWorkflow } from "@/api";
import type { Workflow } from "@/contract";
import { saveFile, useCommands, type Command } from "@/ui";
import { useLensAddress } from "../state/lensAddress";
import { useDocument, useEditor, useView } from "../state/session";
import { download, exportAs } from "./exportAs";

const icon = { size: 16, "aria-hidden": true } as const;

interface WorkflowCommands {
  readonly versions: Command;
  readonly compare: Command;
  readonly rights: Command;
  readonly fits: Command;
  readonly settings: Command;
  readonly environment: Command;
  readonly exportFile: Command;
  readonly exportManifests: Command;
  readonly exportKustomize: Command;
  readonly exportHelm: Command;
  readonly exportCompose: Command;
  readonly importFile: Command;
  readonly archive: Command;
}

/** What can be done with the workflow as a whole; offered to the palette as well. */
export function useWorkflowCommands(
  { id, name, team }: Pick<Workflow, "id" | "name" | "team">,
  onImport: () => void,
  onArchive: () => void,
): WorkflowCommands {
  const session = useEditor();
  const navigate = useNavigate();
  const readOnly = useDocument((state) => state.readOnly);
  const lens = useLensAddress();
  const environment = useView((state) => state.environmentId);
  const commands = useMemo(
    (): WorkflowCommands => ({
      versions: {
        name: "workflow.versions",
        label: "Versions",
        group: "Workflow",
        keywords: "history compare restore",
        icon: <GitCompareArrows {...icon} />,
        perform: () => session.view.setState((view) => ({ versionsOpen: !view.versionsOpen, check: null })),
      },
      compare: {
        name: "workflow.compare",
        label: "Compare…",
        group: "Workflow",
        keywords: "diff difference live drift",
        icon: <Diff {...icon} />,
        perform: () => lens.open({ compare: environment === null ? "current..current" : "live..current" }),
      },
      rights: {
        name: "workflow.rights",
        label: "Check rights in the cluster",
        group: "Workflow",
        keywords: "rbac role permissions preflight",
        icon: <ShieldCheck {...icon} />,
        enabled: () => environment !== null,
        perform: () =>
          session.view.setState((view) => ({
            check: view.check === "rights" ? null : "rights",
            versionsOpen: false,
          })),
      },
      fits: {
        name: "workflow.fits",
        label: "Fits another cluster…",
        group: "Workflow",
        keywords: "compatible version quota pod security break",
        icon: <Puzzle {...icon} />,
        perform: () =>
          session.view.setState((view) => ({ check: view.check === "fits" ? null : "fits", versionsOpen: false })),
      },
      environment: {
        name: "environment.settings",
        label: "Settings of this environment",
        group: "Workflow",
        keywords: "rules protected rollback self-heal trigger schedule webhook budget variables approval",
        icon: <SlidersHorizontal {...icon} />,
        enabled: () => environment !== null,
        perform: () => void navigate(`/workflows/${id}/environments/${environment}`),
      },
      settings: {
        name: "workflow.settings",
        label: "Workflow settings",
        group: "Workflow",
        keywords: "environments variables description tags delete",
        icon: <Settings {...icon} />,
        perform: () => void navigate(`/workflows/${id}/settings`),
      },
      exportFile: {
        name: "workflow.export",
        label: "Export workflow…",
        group: "Workflow",
        keywords: "yaml download file",
        icon: <Download {...icon} />,
        perform: () => void download(session, async () => saveFile(`${name}.yaml`, await exportWorkflow(id))),
      },
      exportManifests: exportAs(session, team.id, "manifests", "manifests"),
      exportKustomize: exportAs(session, team.id, "kustomize", "a kustomization"),
      exportHelm: exportAs(session, team.id, "helm", "a Helm chart"),
      exportCompose: exportAs(session, team.id, "compose", "a Compose file"),
      importFile: {
        name: "workflow.import",
        label: "Import workflow file…",
        group: "Workflow",
        keywords: "yaml upload open",
        icon: <FileUp {...icon} />,
        enabled: () => !readOnly,
        perform: onImport,
      },
      archive: {
        name: "workflow.archive",
        label: "Archive…",
        group: "Workflow",
        icon: <Archive {...icon} />,
        danger: true,
        enabled: () => !readOnly,
        perform: onArchive,
      },
    }),
    [session, navigate, lens, environment, id, name, team.id, readOnly, onImport, onArchive],
  );
  useCommands(useMemo(() => Object.values(commands) as Command[], [commands]));
  return commands;
}
