import { Plus, SquareTerminal, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { sentence } from "@/model/words";
import { usePossibleActions } from "@/product";
import { Button, cx, EmptyState, IconButton, Select, SkeletonRows } from "@/ui";
import { endShell } from "./shell";

const TerminalView = lazy(() => import("./TerminalView"));

interface Open {
  readonly key: string;
  readonly container: string;
  readonly id: string | null;
  readonly debug?: string | undefined;
}
const MOST = 6;

/** Shells in the containers of a pod, one in each tab. They outlive a reload of the page. */
export function Shells({
  clusterId,
  namespace,
  pod: name,
  version = "",
  containers,
  container,
  onContainer,
}: {
  clusterId: string;
  namespace: string;
  pod: string;
  /** As which the pod was seen: whether a shell can be opened is asked again when it has changed. */
  version?: string;
  containers: readonly string[];
  container: string;
  onContainer: (name: string) => void;
}) {
  const stored = `kubeorch.shells.${clusterId}/${namespace}/${name}`;
  const [shells, setShells] = useState<readonly Open[]>(() => read(stored));
  const [shown, setShown] = useState(() => shells[0]?.key ?? "");
  const possible = usePossibleActions({ clusterId, kind: "Pod", namespace, name }, version).data;
  const refused = possible?.results.find(({ action }) => action === "shell")?.reason ?? "";
  const keep = (next: readonly Open[]) => {
    setShells(next);
    // For this tab of the browser alone: an id is as good as the shell.
    sessionStorage.setItem(stored, JSON.stringify(next));
  };
  const remember = (key: string, id: string | null) =>
    setShells((known) => {
      const next = known.map((each) => (each.key === key ? { ...each, id } : each));
      sessionStorage.setItem(stored, JSON.stringify(next));
      return next;
    });
  const open = (inside: string, instead?: string, debug?: string) => {
    const added = { key: crypto.randomUUID(), container: inside, id: null, debug };
    keep([...shells.filter(({ key }) => key !== instead), added]);
    setShown(added.key);
  };
  const close = (key: string) => {
    const id = shells.find((each) => each.key === key)?.id;
    if (id) endShell(id);
    const left = shells.filter((each) => each.key !== key);
    keep(left);
    setShown(left.at(-1)?.key ?? "");
  };
  return (
    <section aria-label="Terminal" className="flex h-full min-h-96 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1">
        {shells.map((each, index) => (
          <span
            key={each.key}
            className={cx(
              "inline-flex h-7 items-center rounded border text-12",
              each.key === shown ? "border-accent" : "border-line",
            )}
          >
            <button
              type="button"
              aria-pressed={each.key === shown}
              className="h-full px-2 font-mono"
              onClick={() => setShown(each.key)}
            >
              {`${index + 1} ${each.container}${each.debug ? " (debug)" : ""}`}
            </button>
            <IconButton label={`Close shell ${index + 1}`} size="sm" onClick={() => close(each.key)}>
              <X size={14} aria-hidden />
            </IconButton>
          </span>
        ))}
        <span className="flex-1" />
        {containers.length > 1 && (
          <Select
            label="Container"
            compact
            className="w-44"
            value={container}
            onChange={onContainer}
            options={containers.map((each) => ({ value: each, label: each }))}
          />
        )}
        <Button
          size="sm"
          icon={<Plus size={14} aria-hidden />}
          disabled={shells.length >= MOST || refused !== ""}
          onClick={() => open(container)}
        >
          Open a shell
        </Button>
      </div>
      {shells.length === 0 && (
        <EmptyState
          icon={<SquareTerminal size={20} strokeWidth={1.5} aria-hidden />}
          title={refused ? "No shell can be opened here" : "No shell is open"}
          className="flex-1"
        >
          {refused
            ? sentence(refused)
            : "A shell runs in the container itself, with its rights. It needs the role operator; that it was opened is recorded."}
        </EmptyState>
      )}
      <Suspense fallback={<SkeletonRows rows={4} />}>
        {shells
          .filter(({ key }) => key === shown)
          .map((each) => (
            <TerminalView
              key={each.key}
              place={{ cluster: clusterId, namespace, pod: name, container: each.container, debug: each.debug }}
              remembered={each.id}
              onRemember={(id) => remember(each.key, id)}
              onAgain={(debug) => open(each.container, each.key, debug)}
            />
          ))}
      </Suspense>
    </section>
  );
}

function read(stored: string): readonly Open[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(stored) ?? "[]");
    return Array.isArray(found) ? (found as Open[]).slice(0, MOST) : [];
  } catch {
    return [];
  }
}
