import { ChevronDown } from "lucide-react";
import { useMemo, useState } from "react";
import type { ServedKind } from "@/contract";
import { KindIcon } from "@/product";
import { Button, cx, Popover, SearchInput } from "@/ui";
import { useKinds } from "./queries";

/** What people look at most, in the order of their work. */
const COMMON = [
  "Pod",
  "Deployment.apps",
  "StatefulSet.apps",
  "DaemonSet.apps",
  "Job.batch",
  "CronJob.batch",
  "Service",
  "Ingress.networking.k8s.io",
  "ConfigMap",
  "Secret",
  "PersistentVolumeClaim",
];

/** Which kind is listed: the common ones first, then every other one that the cluster serves, by group. */
export function KindSelect({
  clusterId,
  value,
  onChange,
}: {
  clusterId: string;
  value: string;
  onChange: (kind: string) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const { data: kinds = [] } = useKinds(clusterId);
  const chosen = kinds.find(({ id }) => id === value);
  const groups = useMemo(() => grouped(kinds, typed), [kinds, typed]);
  const first = typed.trim() ? groups[0]?.[1][0]?.id : undefined;
  const choose = (id: string) => {
    setOpen(false);
    setTyped("");
    onChange(id);
  };
  return (
    <Popover
      label="Kind"
      width={320}
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button
          className="w-full justify-between sm:w-56"
          icon={<KindIcon kind={chosen?.kind ?? value.split(".")[0] ?? ""} className="text-muted" />}
          aria-label={`Kind: ${chosen?.kind ?? value}`}
        >
          <span className="min-w-0 flex-1 truncate text-left">{chosen?.kind ?? value.split(".")[0]}</span>
          <ChevronDown size={14} className="text-muted" aria-hidden />
        </Button>
      }
    >
      <form
        className="border-b border-line p-2"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          if (first) choose(first);
        }}
      >
        <SearchInput label="Find a kind" value={typed} onChange={setTyped} />
      </form>
      <div role="listbox" aria-label="Kinds" className="max-h-96 overflow-y-auto p-1">
        {groups.map(([group, members]) => (
          <div key={group} role="group" aria-label={group}>
            <p className="px-2 pt-2 pb-1 text-12 text-muted">{group}</p>
            {members.map((kind) => (
              <button
                key={kind.id}
                type="button"
                role="option"
                aria-selected={kind.id === value}
                className={cx(
                  "flex h-8 w-full items-center gap-2 rounded px-2 text-left text-13 hover:bg-hover",
                  kind.id === value && "bg-active font-medium",
                  kind.id === first && "bg-hover",
                )}
                onClick={() => choose(kind.id)}
              >
                <KindIcon kind={kind.kind} className="text-muted" />
                <span className="min-w-0 flex-1 truncate">{kind.kind}</span>
                {!kind.namespaced && <span className="text-12 text-faint">whole cluster</span>}
              </button>
            ))}
          </div>
        ))}
        {groups.length === 0 && <p className="p-3 text-13 text-muted">No such kind in this cluster.</p>}
      </div>
    </Popover>
  );
}

function grouped(kinds: readonly ServedKind[], typed: string): [string, ServedKind[]][] {
  const words = typed.trim();
  const matching = words
    ? kinds.filter(({ kind, plural, group, short_names: short }) =>
        [kind, plural, ...short, group].some((text) => text.toLowerCase().includes(words.toLowerCase())),
      )
    : kinds;
  const common = COMMON.flatMap((id) => matching.filter((kind) => kind.id === id));
  const rest = matching
    .filter(({ id }) => !COMMON.includes(id))
    .toSorted((a, b) => a.group.localeCompare(b.group) || a.kind.localeCompare(b.kind));
  const groups = new Map<string, ServedKind[]>(common.length > 0 ? [["Common", common]] : []);
  for (const kind of rest) {
    const name = kind.group || "core";
    groups.set(name, [...(groups.get(name) ?? []), kind]);
  }
  return [...groups];
}
