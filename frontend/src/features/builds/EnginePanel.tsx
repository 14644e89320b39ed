import { Pencil, Plug, Trash2 } from "lucide-react";
import { asProblem } from "@/api";
import type { BuildEngine } from "@/contract";
import { sentence } from "@/model/words";
import { ExpiryTag } from "@/product";
import { Button, ErrorState, Facts, RelativeTime, SidePanel } from "@/ui";
import { EngineState, nameOfEngine, placeOfEngine } from "./engineColumns";
import { EngineSteps } from "./EngineSteps";
import { useTestEngine } from "./queries";

/** The details of an engine, and its actions. */
export function EnginePanel({
  engine,
  onClose,
  onEdit,
  onRemove,
}: {
  engine: BuildEngine;
  onClose: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const test = useTestEngine();
  const { service } = engine;
  const problem = test.error ? asProblem(test.error) : null;
  return (
    <SidePanel
      name="engine"
      title={nameOfEngine(engine)}
      subtitle={placeOfEngine(engine) || engine.version}
      onClose={onClose}
    >
      <div className="flex flex-col gap-5 p-4">
        <div className="flex items-center justify-between gap-3">
          <span className="flex flex-wrap gap-2">
            <EngineState engine={engine} />
            {service && <ExpiryTag of={service} what="certificate" />}
          </span>
          {service?.may_edit && (
            <Button
              size="sm"
              icon={<Plug size={14} aria-hidden />}
              busy={test.isPending}
              onClick={() => test.mutate(service.id)}
            >
              {test.isPending ? "Testing" : "Test"}
            </Button>
          )}
        </div>
        {problem && <ErrorState inline title="Not tested" reason={problem.besides([])} details={problem.describe()} />}
        {test.data ? (
          <EngineSteps report={test.data.report} />
        ) : service?.error ? (
          <ErrorState inline title="It did not work when it was last tested" reason={sentence(service.error.detail)} />
        ) : (
          <ul className="flex flex-col gap-1 text-12 text-muted">
            {engine.facts.map((fact) => (
              <li key={fact} className="break-words">
                {sentence(fact)}
              </li>
            ))}
          </ul>
        )}
        <Facts
          rows={[
            ["Builds", `${engine.running} of ${engine.slots} at once, ${engine.waiting} waiting`],
            ["Default", engine.is_default ? "yes, for sources that name no engine" : "no"],
            ...(service
              ? ([
                  ["Platforms", service.platforms.join(", ")],
                  ...(service.cluster?.pull_secret ? ([["Pull secret", service.cluster.pull_secret]] as const) : []),
                  ...(service.not_after
                    ? ([
                        ["Client certificate", service.subject],
                        ["It ends", <RelativeTime key="ends" at={service.not_after} />],
                      ] as const)
                    : []),
                  ["Team", service.team?.name ?? "every team"],
                  ["Tested", <RelativeTime key="checked" at={service.checked_at} />],
                ] as const)
              : []),
          ]}
        />
        {service?.may_edit && (
          <div className="flex flex-wrap gap-2 border-t border-line pt-4">
            <Button size="sm" icon={<Pencil size={14} aria-hidden />} onClick={onEdit}>
              Edit
            </Button>
            <Button size="sm" tone="danger" icon={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
              Remove
            </Button>
          </div>
        )}
      </div>
    </SidePanel>
  );
}
