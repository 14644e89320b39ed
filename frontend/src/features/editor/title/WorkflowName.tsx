import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { sentence } from "@/model/words";
import { useUpdateWorkflow } from "@/product";
import { Input } from "@/ui";
import { useDocument } from "../state/session";

/** The workflow's name, renamed in place by a click or Enter. */
export function WorkflowName({ workflow }: { workflow: Workflow }) {
  const [typed, setTyped] = useState<string | null>(null);
  const update = useUpdateWorkflow();
  const readOnly = useDocument((state) => state.readOnly);
  const commit = (): void => {
    const name = typed?.trim();
    if (!name || name === workflow.name) {
      setTyped(null);
      return;
    }
    update.mutate({ id: workflow.id, name }, { onSuccess: () => setTyped(null) });
  };
  if (typed === null) {
    return (
      <h1 className="max-w-72 shrink-[2] max-sm:min-w-14 sm:min-w-0">
        <button
          type="button"
          disabled={readOnly}
          title={readOnly ? workflow.name : "Rename"}
          onClick={() => setTyped(workflow.name)}
          className="block max-w-full truncate rounded px-1.5 py-0.5 text-14 font-semibold hover:bg-hover disabled:hover:bg-transparent"
        >
          {workflow.name}
        </button>
      </h1>
    );
  }
  const error = update.isError ? sentence(asProblem(update.error).of("name") ?? asProblem(update.error).detail) : null;
  return (
    <span className="relative">
      <Input
        compact
        autoFocus
        aria-label="Workflow name"
        aria-invalid={error ? true : undefined}
        className="w-64!"
        value={typed}
        disabled={update.isPending}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") setTyped(null);
        }}
      />
      {error && (
        <span
          role="alert"
          className="absolute top-full left-0 z-20 mt-1 w-64 rounded border border-bad/40 bg-raised px-2 py-1 text-12 text-bad shadow-2"
        >
          {error}
        </span>
      )}
    </span>
  );
}
