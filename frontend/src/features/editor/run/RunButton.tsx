import { Play, ShieldCheck, SlidersHorizontal } from "lucide-react";
import { useMemo, useState } from "react";
import type { Environment } from "@/contract";
import { useAskedPlans, useClusters } from "@/product";
import { Button, IconButton, keysOf, Tooltip, useCommands, type Command } from "@/ui";
import { PlanButton } from "../plan/PlanButton";
import type { Planning } from "../plan/usePlan";
import { useDocument, useEditor } from "../state/session";
import { runHindrance } from "./hindrance";
import { RunOptionsDialog } from "./RunOptionsDialog";
import { StandingPlan } from "./StandingPlan";
import { StartDialogs } from "./StartDialogs";
import { useRunWorkflow } from "./useRunWorkflow";

interface RunButtonProps {
  readonly environment: Environment | undefined;
  readonly planning: Planning;
}

/** Runs what is on the canvas in the chosen environment; where that is not possible, the tooltip explains why. */
export function RunButton({ environment, planning }: RunButtonProps) {
  const session = useEditor();
  const { clusters } = useClusters();
  const name = environment?.name ?? "";
  const workflow = useRunWorkflow(name);
  const { state, start } = workflow;
  const [choosing, setChoosing] = useState(false);
  const errors = useDocument((store) => store.problems.filter((problem) => problem.severity === "error").length);
  const empty = useDocument((store) => Object.keys(store.document.nodes).length === 0);
  const stale = useDocument((store) => store.save.type === "stale");
  const readOnly = useDocument((store) => store.readOnly);
  const cluster = clusters?.find((each) => each.id === environment?.cluster.id);
  const hindrance = runHindrance({ readOnly, environment, cluster, empty, stale, errors });
  // A run there needs a plan that another person has approved, so that is what the button makes.
  const guarded = environment?.protected ?? false;
  const { making, plan } = planning;
  // What is approved already is what to go on with.
  const approved = useAskedPlans(environment)?.some(({ standing }) => standing === "to run") ?? false;
  const busy = guarded ? making.isPending : state.type === "starting";
  const command = useMemo(
    (): Command => ({
      name: "run.start",
      label: guarded ? `Plan for approval in ${name}` : name === "" ? "Run" : `Run in ${name}`,
      group: "Canvas",
      icon: guarded ? <ShieldCheck size={16} aria-hidden /> : <Play size={16} aria-hidden />,
      keywords: "deploy apply start run",
      keys: "mod+enter",
      enabled: () => state.type === "idle" && (hindrance === null || errors > 0),
      perform: () => {
        if (hindrance === null) (guarded ? plan : start)();
        else if (errors > 0) session.view.setState({ drawer: "problems", calm: new Set() });
      },
    }),
    [name, guarded, state.type, hindrance, errors, start, plan, session],
  );
  const withOptions = useMemo(
    (): Command => ({
      name: "run.options",
      label: "Run with options…",
      group: "Canvas",
      icon: <SlidersHorizontal size={16} aria-hidden />,
      keywords: "deadline timeout wait",
      enabled: () => !guarded && hindrance === null && state.type === "idle",
      perform: () => setChoosing(true),
    }),
    [guarded, hindrance, state.type],
  );
  useCommands(useMemo(() => [command, withOptions], [command, withOptions]));
  return (
    <>
      {!guarded && <PlanButton planning={planning} hindrance={hindrance} />}
      {guarded && environment && <StandingPlan environment={environment} open={planning.open} />}
      <Tooltip text={hindrance ?? runHint(environment)} shortcut={hindrance === null ? keysOf(command)[0] : undefined}>
        <Button
          tone={approved ? "secondary" : "primary"}
          aria-label={guarded ? "Plan for approval" : undefined}
          icon={
            guarded ? <ShieldCheck size={14} className="max-sm:hidden" aria-hidden /> : <Play size={14} aria-hidden />
          }
          busy={busy}
          aria-disabled={hindrance !== null || undefined}
          className={hindrance === null ? undefined : "opacity-55"}
          onClick={() => command.perform()}
        >
          {guarded ? (
            <span>
              Plan<span className="max-sm:hidden"> for approval</span>
            </span>
          ) : (
            "Run"
          )}
        </Button>
      </Tooltip>
      {!guarded && (
        <IconButton
          label="Run with options…"
          className="max-md:hidden"
          disabled={hindrance !== null || state.type !== "idle"}
          onClick={() => setChoosing(true)}
        >
          <SlidersHorizontal size={14} aria-hidden />
        </IconButton>
      )}
      {choosing && (
        <RunOptionsDialog
          environment={name}
          onClose={() => setChoosing(false)}
          onRun={(options) => {
            setChoosing(false);
            start(options);
          }}
        />
      )}
      <StartDialogs of={workflow} environment={name} onPlan={plan} />
    </>
  );
}

function runHint(environment: Environment | undefined): string {
  if (environment?.protected)
    return `${environment.name} is protected: a run needs a plan that another operator has approved.`;
  const running = environment?.active_run;
  return running
    ? `Run #${running.number} is in progress; this one starts after it.`
    : `Run in ${environment?.name ?? ""}`;
}
