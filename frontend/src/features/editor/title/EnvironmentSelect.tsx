import { Check, ChevronDown, Plus, Server } from "lucide-react";
import { useRef, useState } from "react";
import type { Workflow } from "@/contract";
import { EnvironmentDialog, StatusGlyph } from "@/product";
import { Button, Menu, type MenuEntry } from "@/ui";
import { chooseEnvironment } from "../state/environment";
import { useDocument, useEditor, useView } from "../state/session";

/** The environment that Run uses and whose status is shown, with its cluster and namespace. */
export function EnvironmentSelect({ workflow }: { workflow: Workflow }) {
  const session = useEditor();
  const chosen = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const [creating, setCreating] = useState(false);
  const chosenNow = useRef(false);
  const environment = workflow.environments.find((candidate) => candidate.id === chosen);
  const entries: MenuEntry[] = [
    { type: "label", label: "Environments" },
    ...workflow.environments.map((candidate) => ({
      label: candidate.name,
      hint: `${candidate.cluster.name} / ${candidate.namespace}`,
      icon: candidate.id === chosen ? <Check size={16} aria-hidden /> : <Server size={16} aria-hidden />,
      onSelect: () => {
        chooseEnvironment(session, candidate.id);
        chosenNow.current = true;
      },
    })),
    { type: "separator" },
    {
      label: "New environment…",
      icon: <Plus size={16} aria-hidden />,
      disabled: readOnly,
      onSelect: () => setCreating(true),
    },
  ];
  return (
    <>
      <Menu
        align="end"
        minWidth={260}
        entries={entries}
        trigger={
          <Button
            size="md"
            tone="secondary"
            className="max-w-72 min-w-0 shrink!"
            onFocus={() => {
              // The menu gives the focus back to its button, where Ctrl+Enter would open it again, not run.
              if (chosenNow.current) session.focus.give("canvas");
              chosenNow.current = false;
            }}
          >
            <span className="sr-only">Environment</span>
            {environment ? (
              <>
                {environment.cluster.state !== "ready" && (
                  <StatusGlyph status={environment.cluster.state} word={false} size={12} />
                )}
                <span className="truncate">
                  {environment.name}
                  <span className="ml-1.5 hidden font-mono lg:inline text-12 font-normal text-muted">
                    {environment.cluster.name}/{environment.namespace}
                  </span>
                </span>
              </>
            ) : (
              <span className="truncate">Choose an environment</span>
            )}
            <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden />
          </Button>
        }
      />
      {creating && (
        <EnvironmentDialog
          workflow={workflow}
          onClose={() => setCreating(false)}
          onSaved={(created) => chooseEnvironment(session, created.id)}
        />
      )}
    </>
  );
}
