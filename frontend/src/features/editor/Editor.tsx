import { useCallback, useRef } from "react";
import type { Workflow } from "@/contract";
import { useTopic } from "@/realtime";
import { importFile } from "./actions/importFile";
import { Canvas } from "./canvas/Canvas";
import { Outline } from "./canvas/Outline";
import { CompareView } from "./compare/CompareView";
import { ConflictDialog } from "./conflict/ConflictDialog";
import { Drawer } from "./drawer/Drawer";
import { SourceProblems } from "./images/SourceProblems";
import { Inspector } from "./inspector/Inspector";
import { LeaveGuard } from "./LeaveGuard";
import { OverCanvas } from "./OverCanvas";
import { environmentTopic } from "./live";
import { Palette } from "./palette/Palette";
import { PlanView } from "./plan/PlanView";
import { usePlanning } from "./plan/usePlan";
import { useFoundCommands } from "./commands/useFoundCommands";
import { useRememberInUrl } from "./state/address";
import { useLensAddress } from "./state/lensAddress";
import { useDocument, useEditor, useView } from "./state/session";
import { FitsPanel } from "./checks/FitsPanel";
import { RightsPanel } from "./checks/RightsPanel";
import { TitleBar } from "./title/TitleBar";
import { useFollowOthers } from "./useFollowOthers";
import { useFollowRun } from "./useFollowRun";
import { VersionsDrawer } from "./versions/VersionsDrawer";

/** One open workflow: palette or outline, canvas, drawer, inspector or versions. */
export function Editor({ workflow, wantedNode }: { workflow: Workflow; wantedNode: string | null }) {
  const session = useEditor();
  const outline = useView((state) => state.outline);
  const versionsOpen = useView((state) => state.versionsOpen);
  const check = useView((state) => state.check);
  const planAsked = useView((state) => state.planAsked);
  const lens = useLensAddress();
  const planning = usePlanning(lens);
  const environmentId = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const picker = useRef<HTMLInputElement>(null);
  useTopic(environmentTopic(environmentId));
  useFollowOthers(workflow.id);
  useFollowRun(workflow.id);
  useRememberInUrl();
  useFoundCommands(workflow);
  const environment = workflow.environments.find(({ id }) => id === environmentId);
  const chooseFile = useCallback(() => picker.current?.click(), []);
  if (planAsked || lens.plan !== null)
    return (
      <>
        <PlanView workflow={workflow} planning={planning} lens={lens} />
        <ConflictDialog />
        <LeaveGuard />
      </>
    );
  if (lens.compare !== null)
    return (
      <>
        <CompareView workflow={workflow} lens={lens} sides={lens.compare} />
        <ConflictDialog />
        <LeaveGuard />
      </>
    );
  return (
    <div className="flex h-full min-h-0 flex-col bg-bg">
      <SourceProblems />
      <TitleBar workflow={workflow} planning={planning} onImport={chooseFile} />
      <div className="relative flex min-h-0 flex-1">
        {outline ? <Outline /> : !readOnly && <Palette />}
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="min-h-0 flex-1">
            <Canvas onImport={chooseFile} wantedNode={wantedNode} />
          </div>
          <Drawer />
        </div>
        <OverCanvas>
          {check === "fits" ? (
            <FitsPanel />
          ) : check === "rights" && environment ? (
            <RightsPanel
              key={environment.id}
              environmentId={environment.id}
              place={`${environment.name} · ${environment.cluster.name}/${environment.namespace}`}
            />
          ) : versionsOpen ? (
            <VersionsDrawer />
          ) : (
            <Inspector />
          )}
        </OverCanvas>
      </div>
      <ConflictDialog />
      <LeaveGuard />
      <input
        ref={picker}
        type="file"
        accept=".yaml,.yml,.json"
        aria-label="Workflow file"
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (!file) return;
          void importFile(session, file);
        }}
      />
    </div>
  );
}
