import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useBlocker, useParams } from "react-router";
import { asProblem, fetchGraph } from "@/api";
import type { Workflow } from "@/contract";
import { holdsUnsaved } from "@/model/autosave";
import type { Catalog } from "@/model/catalog";
import { documentFromLists } from "@/model/records";
import { isRunning } from "@/model/runs";
import { sentence } from "@/model/words";
import { cureFor, useSession, useWorkflow, workflowKey } from "@/product";
import { useLiveValue, useTopic } from "@/realtime";
import { Button, Dialog, ErrorState, LinkButton, Skeleton, toast, useMedia } from "@/ui";
import { Canvas } from "./canvas/Canvas";
import { Outline } from "./canvas/Outline";
import { ConflictDialog } from "./conflict/ConflictDialog";
import { Drawer } from "./drawer/Drawer";
import { drawFile } from "./importFile";
import { Inspector } from "./inspector/Inspector";
import { environmentTopic, useRunLive } from "./live";
import { Palette } from "./palette/Palette";
import { useCatalog } from "./queries";
import { openSession, readGraph, type OpenedGraph } from "./state/openSession";
import { SessionProvider, useDocument, useEditor, useView } from "./state/session";
import { TitleBar } from "./title/TitleBar";
import { VersionsDrawer } from "./versions/VersionsDrawer";
import { ageText } from "./words";

/** The page of one workflow: palette, canvas, inspector, drawer. */
export default function EditorPage() {
  const { workflowId = "" } = useParams();
  return <LoadedEditor key={workflowId} workflowId={workflowId} />;
}

function LoadedEditor({ workflowId }: { workflowId: string }) {
  const person = useSession();
  const workflow = useWorkflow(workflowId);
  const catalog = useCatalog();
  const graph = useQuery({
    queryKey: [...workflowKey(workflowId), "graph", "open"],
    queryFn: ({ signal }) => readGraph(workflowId, signal),
    // Read once when the editor opens; from then on the document store is what counts.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchOnMount: "always",
    structuralSharing: false,
  });
  const failed = [workflow, catalog, graph].find((query) => query.isError && !query.data);
  if (failed) {
    const problem = asProblem(failed.error);
    return (
      <ErrorState
        title={problem.status === 404 ? "There is no such workflow" : "The workflow could not be opened"}
        page
        reason={problem.status === 404 ? undefined : sentence(problem.detail)}
        cure={cureFor(problem)}
        details={problem.describe()}
        onRetry={() => void Promise.all([workflow.refetch(), catalog.refetch(), graph.refetch()])}
        action={<LinkButton to="/workflows">All workflows</LinkButton>}
      />
    );
  }
  if (!workflow.data || !catalog.data || !graph.data || !person.data) return <EditorSkeleton />;
  const role = person.data.user?.teams.find((team) => team.id === workflow.data.team.id)?.role;
  const readOnly = workflow.data.state === "archived" || (role === "viewer" && !person.data.user?.is_admin);
  return (
    <ReactFlowProvider>
      <OpenEditor
        key={String(readOnly)}
        workflow={workflow.data}
        catalog={catalog.data}
        graph={graph.data}
        readOnly={readOnly}
      />
    </ReactFlowProvider>
  );
}

function OpenEditor({
  workflow,
  catalog,
  graph,
  readOnly,
}: {
  workflow: Workflow;
  catalog: Catalog;
  graph: OpenedGraph;
  readOnly: boolean;
}) {
  const [session] = useState(() =>
    openSession({
      workflowId: workflow.id,
      graph,
      catalog,
      environmentIds: workflow.environments.map((environment) => environment.id),
      readOnly,
    }),
  );
  useEffect(() => session.autosaver.start(), [session]);
  useEffect(() => {
    if (graph.recovery.type === "continue" && !readOnly) {
      toast({
        key: "draft",
        title: `Edits from ${ageText(graph.recovery.at)} had not reached the server`,
        detail: "They were kept in this browser and are being saved now.",
        action: { label: "Undo them", onClick: () => session.document.getState().undo() },
      });
    }
  }, [graph, session, readOnly]);
  return (
    <SessionProvider value={session}>
      <Editor workflow={workflow} />
    </SessionProvider>
  );
}

function Editor({ workflow }: { workflow: Workflow }) {
  const session = useEditor();
  const outline = useView((state) => state.outline);
  const versionsOpen = useView((state) => state.versionsOpen);
  const environmentId = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  // At 200 % zoom, what is selected needs the room more than what could be added.
  const roomy = useMedia("(min-width: 900px)");
  const idle = useView((state) => state.selectedNodes.length + state.selectedEdges.length === 0);
  const picker = useRef<HTMLInputElement>(null);
  useTopic(environmentTopic(environmentId));
  useFollowOthers(workflow.id);
  useFollowRun(workflow.id);
  const onImport = readOnly ? null : () => picker.current?.click();
  return (
    <div className="flex h-full min-h-0 flex-col bg-bg">
      <TitleBar workflow={workflow} onImport={onImport} />
      <div className="flex min-h-0 flex-1">
        {outline ? <Outline /> : !readOnly && (roomy || idle) && <Palette />}
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="min-h-0 flex-1">
            <Canvas onImport={onImport} />
          </div>
          <Drawer />
        </div>
        {versionsOpen ? <VersionsDrawer /> : <Inspector />}
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
          void drawFile(session, file).then(
            (problem) => problem && toast({ tone: "warn", title: file.name, detail: problem }),
          );
        }}
      />
    </div>
  );
}

/** When somebody else saves while nothing of mine is open, the canvas follows; undo brings the former back. */
function useFollowOthers(workflowId: string): void {
  const session = useEditor();
  const client = useQueryClient();
  const topic = `workflow:${workflowId}`;
  useTopic(topic);
  const event = useLiveValue<{
    rev: number;
    name: string;
    state: string;
    updated_by: { name: string } | string | null;
  }>(topic, "workflow");
  const clean = useDocument((state) => state.save.type === "saved");
  const rev = event?.rev ?? 0;
  useEffect(() => {
    if (!clean || rev <= session.document.getState().save.rev) return;
    const aborter = new AbortController();
    void fetchGraph(workflowId, aborter.signal)
      .then((graph) => {
        const { save, rebase } = session.document.getState();
        if (save.type !== "saved" || graph.rev <= save.rev) return;
        const theirs = documentFromLists(graph);
        rebase(graph.rev, theirs, theirs, "their edits", Date.now());
        toast({
          key: "others",
          title: "Somebody else edited this workflow",
          detail: "Their edits are on the canvas now.",
        });
      })
      .catch(() => undefined);
    return () => aborter.abort();
  }, [rev, clean, workflowId, session]);
  const headline = event ? `${event.name} ${event.state}` : null;
  useEffect(() => {
    if (headline !== null) void client.invalidateQueries({ queryKey: workflowKey(workflowId), exact: true });
  }, [headline, client, workflowId]);
}

/** The workflow's own row (deployed version, active run) is read again when a run begins or ends. */
function useFollowRun(workflowId: string): void {
  const client = useQueryClient();
  const run = useRunLive();
  const stage = run ? `${run.id} ${isRunning(run.state)}` : null;
  useEffect(() => {
    if (stage !== null) void client.invalidateQueries({ queryKey: workflowKey(workflowId) });
  }, [stage, client, workflowId]);
}

/** Closing the tab with unsaved edits asks first; leaving for another page sends them on the way out. */
function LeaveGuard() {
  const save = useDocument((state) => state.save);
  const unsaved = holdsUnsaved(save);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
  const stuck = save.type === "offline" || save.type === "refused" || save.type === "stale";
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => stuck && currentLocation.pathname !== nextLocation.pathname,
  );
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => !open && blocker.reset()}
      title="Leave with edits that are not saved?"
      description="They are kept in this browser and come back when you open this workflow here again."
      footer={
        <>
          <Button onClick={() => blocker.reset()}>Stay</Button>
          <Button tone="danger" onClick={() => blocker.proceed()}>
            Leave
          </Button>
        </>
      }
    />
  );
}

function EditorSkeleton(): ReactNode {
  return (
    <div role="status" aria-label="Opening the workflow" className="flex h-full flex-col">
      <div className="flex h-12 items-center gap-4 border-b border-line bg-surface px-4">
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-4 w-16" />
        <span className="flex-1" />
        <Skeleton className="h-7 w-44" />
        <Skeleton className="h-7 w-20" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex w-52 flex-col gap-3 border-r border-line bg-surface p-4">
          {["w-24", "w-32", "w-28", "w-20", "w-32", "w-24"].map((width, index) => (
            <Skeleton key={index} className={`h-4 ${width}`} />
          ))}
        </div>
        <div className="relative flex-1">
          <Skeleton className="absolute top-1/3 left-1/4 h-16 w-55" />
          <Skeleton className="absolute top-1/3 left-1/2 h-16 w-55" />
        </div>
      </div>
    </div>
  );
}
