import { Play } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Plan } from "@/contract";
import { planHindrance, stanceOf } from "@/model/planWords";
import { Button, Tooltip, useCommands, type Command } from "@/ui";
import { changingGraph } from "../drift/useDrift";
import { StartDialogs } from "../run/StartDialogs";
import { useRunWorkflow } from "../run/useRunWorkflow";
import { useDocument, useEditor } from "../state/session";
import { AboveBudget } from "./AboveBudget";

interface RunPlanProps {
  readonly plan: Plan;
  readonly onStarted: () => void;
  /** The server refused it: something has moved. */
  readonly onMoved: () => void;
}

/** Runs just what the plan says; where that is not possible, the tooltip explains why. */
export function RunPlan({ plan, onStarted, onMoved }: RunPlanProps) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const planned = useMemo(
    () => ({
      plan,
      // The dialog below has asked for the number.
      confirmed: plan.deletions.above ? { confirm_deletions: plan.deletions.count } : undefined,
      onStarted: () => {
        onStarted();
        // The start has saved the values of the cluster that were chosen.
        if (plan.choices.some(({ choice }) => choice === "share")) void changingGraph(session, async () => undefined);
      },
    }),
    [plan, onStarted, session],
  );
  const [asking, setAsking] = useState(false);
  const workflow = useRunWorkflow(plan.environment.name, planned);
  const { state, start } = workflow;
  const hindrance = readOnly ? "This workflow is read-only for you." : planHindrance(plan);
  const { above } = plan.deletions;
  const run = useCallback(() => (above ? setAsking(true) : start()), [above, start]);
  const hasMoved = state.type === "failed" && state.code === "plan.moved";
  useEffect(() => {
    if (hasMoved) onMoved();
  }, [hasMoved, onMoved]);
  const deletes = plan.objects.some((object) => ["delete", "recreate", "data"].includes(stanceOf(object)));
  useCommands(
    useMemo(
      (): Command[] => [
        {
          name: "plan.run",
          label: "Run this plan",
          group: "Canvas",
          icon: <Play size={16} aria-hidden />,
          keys: "mod+enter",
          enabled: () => hindrance === null && state.type === "idle",
          perform: run,
        },
      ],
      [hindrance, state.type, run],
    ),
  );
  return (
    <>
      <Tooltip text={hindrance ?? `Does exactly this in ${plan.environment.name}`} shortcut="mod+enter">
        <Button
          tone={deletes ? "danger" : "primary"}
          icon={<Play size={14} aria-hidden />}
          aria-label="Run this plan"
          busy={state.type === "starting"}
          aria-disabled={hindrance !== null || undefined}
          className={hindrance === null ? undefined : "opacity-55"}
          onClick={() => hindrance === null && run()}
        >
          <span>
            Run<span className="max-sm:hidden"> this plan</span>
          </span>
        </Button>
      </Tooltip>
      <StartDialogs of={workflow} environment={plan.environment.name} />
      {asking && (
        <AboveBudget
          plan={plan}
          onConfirm={() => {
            setAsking(false);
            start();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
