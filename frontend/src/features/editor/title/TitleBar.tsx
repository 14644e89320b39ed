import { Archive, Download, Ellipsis, FileUp, GitCompareArrows, History } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, exportWorkflow } from "@/api";
import type { Workflow } from "@/contract";
import { sentence } from "@/model/words";
import { StatusPill, useArchiveWorkflow } from "@/product";
import { ConfirmDialog, ErrorState, IconButton, LinkButton, Menu, saveFile, Segmented, toast } from "@/ui";
import { RunButton } from "../run/RunButton";
import { useDocument, useEditor, useView } from "../state/session";
import { EnvironmentSelect } from "./EnvironmentSelect";
import { SaveIndicator } from "./SaveIndicator";
import { WorkflowName } from "./WorkflowName";

export function TitleBar({ workflow, onImport }: { workflow: Workflow; onImport: (() => void) | null }) {
  const session = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const versionsOpen = useView((state) => state.versionsOpen);
  const readOnly = useDocument((state) => state.readOnly);
  const [archiving, setArchiving] = useState(false);
  const exporting = useRef(false);
  const download = async (): Promise<void> => {
    if (exporting.current) return;
    exporting.current = true;
    try {
      await session.autosaver.flush().catch(() => undefined);
      saveFile(`${workflow.name}.yaml`, await exportWorkflow(workflow.id));
    } catch (error) {
      toast({ tone: "bad", title: "The workflow could not be exported", detail: sentence(asProblem(error).detail) });
    } finally {
      exporting.current = false;
    }
  };
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
      <WorkflowName workflow={workflow} />
      <span className="hidden shrink-0 sm:inline-flex">
        <StatusPill status={workflow.state} />
      </span>
      <span className="ml-1 flex min-w-24 flex-1 basis-24 items-center overflow-hidden">
        <SaveIndicator />
      </span>
      <EnvironmentSelect workflow={workflow} />
      <RunButton environment={workflow.environments.find((environment) => environment.id === environmentId)} />
      <LinkButton
        tone="ghost"
        to={`/runs?workflow=${workflow.id}`}
        icon={<History size={14} aria-hidden />}
        aria-label="History"
      >
        <span className="hidden lg:inline">History</span>
      </LinkButton>
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        }
        entries={[
          {
            label: "Versions",
            icon: <GitCompareArrows size={16} aria-hidden />,
            checked: versionsOpen,
            onSelect: () => session.view.setState({ versionsOpen: !versionsOpen }),
          },
          { label: "Export YAML", icon: <Download size={16} aria-hidden />, onSelect: () => void download() },
          onImport && { label: "Open a workflow file…", icon: <FileUp size={16} aria-hidden />, onSelect: onImport },
          { type: "separator" },
          !readOnly && {
            label: "Archive…",
            icon: <Archive size={16} aria-hidden />,
            danger: true,
            onSelect: () => setArchiving(true),
          },
        ]}
      />
      {archiving && <ArchiveDialog workflow={workflow} onClose={() => setArchiving(false)} />}
    </header>
  );
}

function ArchiveDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const navigate = useNavigate();
  const archive = useArchiveWorkflow();
  const deployed = workflow.environments.filter((environment) => environment.deployed !== null);
  const [objects, setObjects] = useState<"keep" | "destroy">("keep");
  const [volumes, setVolumes] = useState<"keep" | "delete">("keep");
  const where = deployed.map(
    (environment) => `${environment.name} (${environment.cluster.name}/${environment.namespace})`,
  );
  const destroy = objects === "destroy" && deployed.length > 0;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Archive ${workflow.name}?`}
      removed={[
        "Editing and running, until it is unarchived",
        ...(destroy ? where.map((name) => `All objects of this workflow in ${name}`) : []),
        ...(destroy && volumes === "delete" ? ["Volumes with their data"] : []),
      ]}
      kept={[
        "The graph, its versions and its runs",
        ...(deployed.length > 0 && !destroy ? where.map((name) => `Its objects in ${name}`) : []),
        ...(destroy && volumes === "keep" ? ["Volumes with their data"] : []),
      ]}
      confirmLabel="Archive workflow"
      typeToConfirm={destroy && volumes === "delete" ? workflow.name : undefined}
      busy={archive.isPending}
      error={
        archive.isError && (
          <ErrorState inline title="The workflow was not archived" reason={sentence(asProblem(archive.error).detail)} />
        )
      }
      onConfirm={() =>
        archive.mutate({ id: workflow.id, objects, volumes }, { onSuccess: () => void navigate("/workflows") })
      }
    >
      {deployed.length > 0 && (
        <div className="flex flex-wrap gap-3">
          <Segmented
            label="Objects in the cluster"
            value={objects}
            onChange={setObjects}
            options={[
              { value: "keep", label: "Keep objects" },
              { value: "destroy", label: "Delete objects" },
            ]}
          />
          {destroy && (
            <Segmented
              label="Volumes"
              value={volumes}
              onChange={setVolumes}
              options={[
                { value: "keep", label: "Keep volumes" },
                { value: "delete", label: "Delete volumes" },
              ]}
            />
          )}
        </div>
      )}
    </ConfirmDialog>
  );
}
