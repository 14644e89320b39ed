import type { RunWithSteps } from "@/contract";
import { RunFailure } from "@/product";
import { useDocument, useEditor } from "../state/session";

interface FailureProps {
  readonly run: RunWithSteps;
  /** Only what stopped this node. */
  readonly nodeId?: string;
  readonly className?: string;
}

/** Why a run failed; where fields that others manage stopped it, the next run takes them over with the latest edits. */
export function Failure(props: FailureProps) {
  const { autosaver, view } = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  return (
    <RunFailure
      {...props}
      mayRun={!readOnly}
      before={autosaver.flush}
      onTakenOver={(next) => view.setState({ runId: next.id, drawer: "run" })}
    />
  );
}
