import { Plus, Zap } from "lucide-react";
import { useState } from "react";
import type { Environment, Trigger } from "@/contract";
import { explain } from "@/product";
import { Button, Card, EmptyState, ErrorState, SkeletonRows } from "@/ui";
import { useTriggers } from "../../queries";
import { RemoveTriggerDialog } from "./RemoveTriggerDialog";
import { EditTriggerDialog } from "./EditTriggerDialog";
import { NewTriggerDialog } from "./NewTriggerDialog";
import { TriggerRow } from "./TriggerRow";

/** What starts runs of the environment by itself, and what came of that. */
export function TriggersCard({ environment, writable }: { environment: Environment; writable: boolean }) {
  const triggers = useTriggers(environment.id);
  const [making, setMaking] = useState(false);
  const [edited, setEdited] = useState<Trigger | null>(null);
  const [doomed, setDoomed] = useState<Trigger | null>(null);
  const rows = triggers.data?.results ?? [];
  const add = writable && (
    <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
      Add trigger
    </Button>
  );
  return (
    <>
      <Card
        title="Triggers"
        description="Each plans a run and starts it. What a person should look at first is held, with the reason."
        actions={rows.length > 0 && add}
        padded={false}
      >
        {triggers.isPending ? (
          <SkeletonRows rows={2} />
        ) : triggers.error && rows.length === 0 ? (
          <ErrorState
            className="py-10"
            title="The triggers could not be loaded"
            {...explain(triggers.error)}
            onRetry={() => void triggers.refetch()}
          />
        ) : rows.length === 0 ? (
          <EmptyState
            icon={<Zap size={20} strokeWidth={1.5} aria-hidden />}
            title="No triggers"
            action={add}
            className="py-10"
          >
            A schedule runs it at set times, a webhook when a pipeline calls its address, a new build when a source that
            it draws has been built, and a new image when a tag that it watches has moved.
          </EmptyState>
        ) : (
          <ul aria-label="Triggers">
            {rows.map((trigger) => (
              <TriggerRow
                key={trigger.id}
                trigger={trigger}
                environment={environment}
                writable={writable}
                onEdit={() => setEdited(trigger)}
                onRemove={() => setDoomed(trigger)}
              />
            ))}
          </ul>
        )}
      </Card>
      {making && <NewTriggerDialog environment={environment} onClose={() => setMaking(false)} />}
      {edited && <EditTriggerDialog trigger={edited} onClose={() => setEdited(null)} />}
      {doomed && <RemoveTriggerDialog trigger={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}
