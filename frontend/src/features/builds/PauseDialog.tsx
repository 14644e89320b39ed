import { useState } from "react";
import { asProblem } from "@/api";
import { plural } from "@/model/words";
import { Field, FormDialog, Input, Segmented } from "@/ui";
import { useBuildEngines, usePauseBuilds } from "./queries";

/** An administrator of the instance lets the builds of all teams wait. */
export function PauseDialog({ onClose }: { onClose: () => void }) {
  const pause = usePauseBuilds();
  const [reason, setReason] = useState("");
  const [running, setRunning] = useState<"go-on" | "cancel">("go-on");
  const engines = useBuildEngines().data?.results ?? [];
  const count = engines.reduce((sum, engine) => sum + engine.running, 0);
  const problem = pause.error ? asProblem(pause.error) : null;
  const isReady = reason.trim() !== "";
  return (
    <FormDialog
      title="Pause all builds"
      description="Of all teams. New builds may be asked for, and wait until you let builds go on."
      onSubmit={() => {
        if (!isReady || pause.isPending) return;
        pause.mutate({ reason: reason.trim(), cancel_running: running === "cancel" }, { onSuccess: onClose });
      }}
      submit="Pause builds"
      busy={pause.isPending}
      disabled={!isReady}
      onClose={onClose}
      failure={
        problem && { title: "Not paused", reason: problem.besides(["reason"]) ?? "", details: problem.describe() }
      }
    >
      <Field label="Reason" required help="Everybody whose builds wait sees it." error={problem?.of("reason")}>
        <Input
          maxLength={300}
          value={reason}
          placeholder="The engine is upgraded until 14:00"
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <div className="flex flex-col gap-1.5">
        <p className="text-12 font-medium">
          {count === 0 ? "Builds that run" : `${plural(count, "build")} that you see ${count === 1 ? "runs" : "run"}`}
        </p>
        <Segmented
          label="Builds that run"
          value={running}
          onChange={setRunning}
          options={[
            { value: "go-on", label: "Go on to their end" },
            { value: "cancel", label: "Are canceled" },
          ]}
        />
      </div>
    </FormDialog>
  );
}
