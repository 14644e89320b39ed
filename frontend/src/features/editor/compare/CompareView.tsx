import { ArrowLeftRight } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { parseSide, parseSides, sidesText, sideText, type Change, type Side } from "@/model/compareSides";
import { CHANGES } from "@/model/markedGraph";
import { sentence } from "@/model/words";
import { cureFor, useVersions } from "@/product";
import { Button, CountChip, ErrorState, IconButton, Select, SkeletonRows, type SelectOption } from "@/ui";
import { Lens } from "../lens/Lens";
import { LensBar } from "../lens/LensBar";

import type { LensAddress } from "../state/lensAddress";
import { useView } from "../state/session";
import { DifferenceList } from "./DifferenceList";
import { useCompared } from "./useCompared";

interface CompareViewProps {
  readonly workflow: Workflow;
  readonly lens: LensAddress;
  /** As the address has it: `v3..v5`. */
  readonly sides: string;
}

/** Any two of version, plan and live on one canvas, by link. */
export function CompareView({ workflow, lens, sides }: CompareViewProps) {
  const parsed = useMemo(() => parseSides(sides), [sides]);
  const close = useCallback(() => lens.close(), [lens]);
  const title = "Compare";
  if (!parsed || (parsed[0].type === "live" && parsed[1].type === "live"))
    return (
      <section aria-label={title} className="flex h-full min-h-0 flex-col bg-bg">
        <LensBar title={title} onClose={close} />
        <ErrorState
          title="This link names no two sides"
          reason="A side is v3, current, live, or plan:id; two of them are joined by two dots."
          action={<Button onClick={() => lens.open({ compare: "live..current" })}>Compare live and current</Button>}
        />
      </section>
    );
  return <Compare key={sides} workflow={workflow} lens={lens} from={parsed[0]} to={parsed[1]} close={close} />;
}

interface CompareProps {
  readonly workflow: Workflow;
  readonly lens: LensAddress;
  readonly from: Side;
  readonly to: Side;
  readonly close: () => void;
}

function Compare({ workflow, lens, from, to, close }: CompareProps) {
  const { compared, error, retry, environmentId } = useCompared(workflow, from, to);
  const [chosen, choose] = useState<ReadonlySet<Change>>(new Set());
  const show = (left: Side, right: Side): void => lens.open({ compare: sidesText(left, right) });
  const differences = compared?.differences ?? [];
  return (
    <section aria-label="Compare" className="flex h-full min-h-0 flex-col bg-bg">
      <LensBar title="Compare" onClose={close}>
        <SideSelect label="From" side={from} other={to} workflow={workflow} onChange={(side) => show(side, to)} />
        <IconButton label="Swap the sides" onClick={() => show(to, from)}>
          <ArrowLeftRight size={16} aria-hidden />
        </IconButton>
        <SideSelect label="To" side={to} other={from} workflow={workflow} onChange={(side) => show(from, side)} />
      </LensBar>
      <div className="flex min-h-10 shrink-0 items-center gap-1.5 overflow-x-auto border-b border-line bg-surface px-3 py-1.5 [scrollbar-width:none]">
        {compared && (
          <p role="status" className={differences.length > 0 ? "sr-only" : "text-13 text-muted"}>
            {differences.length === 0 ? "No differences." : sayChanges(differences)}
          </p>
        )}
        {compared &&
          (["added", "removed", "modified", "left"] as const).map((change) => (
            <CountChip
              key={change}
              look={CHANGES[change]}
              count={differences.filter((one) => one.change === change).length}
              isChosen={chosen.has(change)}
              onToggle={() => {
                const next = new Set(chosen);
                if (!next.delete(change)) next.add(change);
                choose(next);
              }}
            />
          ))}
      </div>
      {error ? (
        <ErrorState
          title="These two could not be compared"
          reason={sentence(asProblem(error).detail)}
          cure={cureFor(asProblem(error))}
          onRetry={retry}
        />
      ) : compared ? (
        <Lens marked={compared.marked} environmentId={environmentId}>
          <DifferenceList
            differences={chosen.size === 0 ? differences : differences.filter((one) => chosen.has(one.change))}
            total={differences.length}
          />
        </Lens>
      ) : (
        <SkeletonRows rows={6} />
      )}
    </section>
  );
}

function sayChanges(differences: readonly { readonly change: Change }[]): string {
  const said = (["added", "removed", "modified", "left"] as const).flatMap((change) => {
    const count = differences.filter((one) => one.change === change).length;
    return count > 0 ? [`${count} ${CHANGES[change].word}`] : [];
  });
  return `${said.join(", ")}.`;
}

interface SideSelectProps {
  readonly label: string;
  readonly side: Side;
  readonly other: Side;
  readonly workflow: Workflow;
  readonly onChange: (side: Side) => void;
}

function SideSelect({ label, side, other, workflow, onChange }: SideSelectProps) {
  const versions = useVersions(workflow.id);
  const environmentId = useView((state) => state.environmentId);
  const environment = workflow.environments.find(({ id }) => id === environmentId);
  const numbers = versions.data?.pages.flatMap((page) => page.results.map(({ number }) => number)) ?? [];
  const value = sideText(side);
  const options: SelectOption[] = [{ value: "current", label: "Current graph" }];
  if (environment && (other.type !== "live" || side.type === "live"))
    options.push({ value: "live", label: `Live in ${environment.name}` });
  if (side.type === "plan") options.push({ value, label: "A plan" });
  if (side.type === "version" && !numbers.includes(side.number)) options.push({ value, label: value });
  options.push(...numbers.map((number) => ({ value: `v${number}`, label: `v${number}` })));
  return (
    <Select
      label={label}
      value={value}
      onChange={(next) => {
        const parsed = parseSide(next);
        if (parsed) onChange(parsed);
      }}
      options={options}
      className="w-36 max-sm:w-22"
    />
  );
}
