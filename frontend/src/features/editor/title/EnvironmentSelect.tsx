import { Check, ChevronDown, Lock, Plus, Server, SlidersHorizontal } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { Workflow } from "@/contract";
import { EnvironmentDialog, StatusGlyph } from "@/product";
import { Button, Menu, type MenuEntry } from "@/ui";
import { chooseEnvironment } from "../state/environment";
import { useDocument, useEditor, useView } from "../state/session";

/** The environment that Run uses and whose status is shown, with its cluster and namespace. */
export function EnvironmentSelect({ workflow }: { workflow: Workflow }) {
  const session = useEditor();
  const navigate = useNavigate();
  const chosen = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const [creating, setCreating] = useState(false);
  const chosenNow = useRef(false);
  const environment = workflow.environments.find((candidate) => candidate.id === chosen);
  const entries: (MenuEntry | false)[] = [
    { type: "label", label: "Environments" },
    ...workflow.environments.map((candidate) => ({
      label: candidate.name,
      hint: `${candidate.cluster.name} / ${candidate.namespace}${candidate.protected ? " · protected" : ""}`,
      icon: candidate.id === chosen ? <Check size={16} aria-hidden /> : <Server size={16} aria-hidden />,
      onSelect: () => {
        chooseEnvironment(session, candidate.id);
        chosenNow.current = true;
      },
    })),
    { type: "separator" },
    environment !== undefined && {
      label: `Settings of ${environment.name}…`,
      hint: "Rules, triggers, variables",
      icon: <SlidersHorizontal size={16} aria-hidden />,
      onSelect: () => void navigate(`/workflows/${workflow.id}/environments/${environment.id}`),
    },
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
                {environment.protected && <Lock size={13} className="shrink-0 text-warn" aria-hidden />}
                <span className="truncate">
                  {environment.name}
                  <span className="ml-1.5 hidden font-mono lg:inline text-12 font-normal text-muted">
                    {environment.cluster.name}/{environment.namespace}
                  </span>
                </span>
                {environment.protected && <span className="sr-only">, protected</span>}
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
