import { Ellipsis, History } from "lucide-react";
import { useCallback, useState } from "react";
import { useNavigate } from "react-router";
import type { Workflow } from "@/contract";
import { RemoveWorkflowDialog } from "@/product";
import { IconButton, isEnabled, LinkButton, Menu, menuItem, useMedia } from "@/ui";
import type { Planning } from "../plan/usePlan";
import { RunButton } from "../run/RunButton";
import { useView } from "../state/session";
import { Deployed } from "./Deployed";
import { EnvironmentSelect } from "./EnvironmentSelect";
import { NotSaved, SaveIndicator } from "./SaveIndicator";
import { useWorkflowCommands } from "./useWorkflowCommands";
import { WorkflowName } from "./WorkflowName";

interface TitleBarProps {
  readonly workflow: Workflow;
  readonly planning: Planning;
  /** Asks for a workflow file. */
  readonly onImport: () => void;
}

/** Above the canvas: what this workflow is called, whether it is saved, where it runs, and the button that runs it. */
export function TitleBar({ workflow, planning, onImport }: TitleBarProps) {
  const navigate = useNavigate();
  const environmentId = useView((state) => state.environmentId);
  const versionsOpen = useView((state) => state.versionsOpen);
  const [archiving, setArchiving] = useState(false);
  const archive = useCallback(() => setArchiving(true), []);
  const commands = useWorkflowCommands(workflow, onImport, archive);
  const isNarrow = useMedia("(max-width: 767px)");
  const deployed = <Deployed workflow={workflow} />;
  return (
    <>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3 max-sm:gap-1.5 max-sm:px-2">
        <WorkflowName workflow={workflow} />
        {!isNarrow && <span className="inline-flex shrink-0">{deployed}</span>}
        <span className="ml-1 flex min-w-0 flex-1 basis-0 items-center overflow-hidden has-[button]:min-w-22 sm:min-w-24 sm:basis-24">
          <SaveIndicator />
        </span>
        <EnvironmentSelect workflow={workflow} />
        <RunButton
          environment={workflow.environments.find((environment) => environment.id === environmentId)}
          planning={planning}
        />
        <LinkButton
          tone="ghost"
          to={`/runs?workflow=${workflow.id}`}
          icon={<History size={14} aria-hidden />}
          aria-label="History"
          className="max-sm:hidden"
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
            { ...menuItem(commands.versions), checked: versionsOpen },
            menuItem(commands.compare),
            menuItem(commands.rights),
            menuItem(commands.fits),
            menuItem(commands.environment),
            menuItem(commands.settings),
            { type: "separator" },
            menuItem(commands.exportFile),
            menuItem(commands.exportManifests),
            menuItem(commands.exportKustomize),
            menuItem(commands.exportHelm),
            menuItem(commands.exportCompose),
            isEnabled(commands.importFile) && menuItem(commands.importFile),
            isEnabled(commands.archive) && { type: "separator" },
            isEnabled(commands.archive) && menuItem(commands.archive),
          ]}
        />
        {archiving && (
          <RemoveWorkflowDialog
            verb="archive"
            workflow={workflow}
            onClose={() => setArchiving(false)}
            onDone={() => void navigate("/workflows")}
          />
        )}
      </header>
      {isNarrow && (
        <div className="flex shrink-0 items-center overflow-hidden border-b border-line bg-surface px-2 py-1 empty:hidden has-[>span:empty]:hidden">
          {deployed}
          <NotSaved />
        </div>
      )}
    </>
  );
}
