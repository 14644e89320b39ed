import type { LogLine, RunWithSteps } from "@/contract";
import { useRunLog } from "@/product";
import { LogView, ResizeHandle, useResizable } from "@/ui";

export function RunLogs({ run, live }: { run: RunWithSteps; live: readonly LogLine[] }) {
  const { width: height, handleProps } = useResizable({
    name: "run-logs",
    side: "bottom",
    min: 96,
    max: 640,
    initial: 220,
  });
  const log = useRunLog(run, live);
  return (
    <div className="relative flex shrink-0 grow flex-col border-t border-line" style={{ flexBasis: height }}>
      <ResizeHandle side="bottom" {...handleProps} />
      <LogView label="Log of the run" {...log} className="min-h-0 flex-1" />
    </div>
  );
}
