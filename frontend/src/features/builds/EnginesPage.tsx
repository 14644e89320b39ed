import { CirclePause, Plus } from "lucide-react";
import { asProblem } from "@/api";
import { coversSomewhere } from "@/model/roles";
import { explain, useSession } from "@/product";
import { Button, ConfirmDialog, ErrorState, ListHeader, LocalTable, SkeletonRows, useCrumbs, useUrlState } from "@/ui";
import { ENGINE_COLUMNS, nameOfEngine, placeOfEngine } from "./engineColumns";
import { ClusterEngineDialog } from "./ClusterEngineDialog";
import { EngineDialog } from "./EngineDialog";
import { EnginePanel } from "./EnginePanel";
import { NewEngine } from "./NewEngine";
import { PauseDialog } from "./PauseDialog";
import { PauseNote } from "./PauseNote";
import { Places } from "./Places";
import { useBuildEngines, useRemoveEngine } from "./queries";

/** What builds images. */
export default function EnginesPage() {
  useCrumbs({ label: "Builds", to: "/builds" }, { label: "Engines" });
  const [url, setUrl] = useUrlState(["engine", "add", "edit", "remove", "pause"]);
  const { data, isPending, error, refetch } = useBuildEngines();
  const user = useSession().data?.user;
  const mayAdd = coversSomewhere(user, "admin") || Boolean(user?.is_admin);
  const removal = useRemoveEngine();
  const engines = data?.results ?? [];
  const chosen = engines.find(({ id }) => id === url.engine);
  const edited = engines.find(({ id, service }) => id === url.edit && service?.may_edit);
  const doomed = engines.find(({ id, service }) => id === url.remove && service?.may_edit);
  const EditDialog = edited?.service?.cluster ? ClusterEngineDialog : EngineDialog;
  const problem = removal.error ? asProblem(removal.error) : null;
  const gone = () => setUrl({ remove: null, engine: null });
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader
          title="Engines"
          actions={
            <>
              <Places here="engines" />
              {user?.is_admin && !data?.pause && (
                <Button icon={<CirclePause size={14} aria-hidden />} onClick={() => setUrl({ pause: "1" })}>
                  Pause builds
                </Button>
              )}
              {mayAdd && (
                <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setUrl({ add: "1" })}>
                  Add engine
                </Button>
              )}
            </>
          }
        />
        <PauseNote />
        <div className="flex min-h-0 flex-1 flex-col bg-surface">
          {isPending ? (
            <SkeletonRows rows={2} />
          ) : error || !data ? (
            <ErrorState title="Engines could not be loaded" {...explain(error)} onRetry={() => void refetch()} />
          ) : (
            <LocalTable
              name="search"
              className="max-h-full"
              label="Engines"
              noun={["engine", "engines"]}
              rows={engines}
              columns={ENGINE_COLUMNS}
              rowKey={({ id }) => id}
              defaultSort="name"
              texts={(one) => [nameOfEngine(one), placeOfEngine(one), one.service?.team?.name ?? ""]}
              activeKey={chosen?.id}
              onOpen={({ id }) => setUrl({ engine: id === url.engine ? null : id })}
            />
          )}
        </div>
      </div>
      {chosen && (
        <EnginePanel
          key={chosen.id}
          engine={chosen}
          onClose={() => setUrl({ engine: null })}
          onEdit={() => setUrl({ edit: chosen.id })}
          onRemove={() => setUrl({ remove: chosen.id })}
        />
      )}
      {url.pause && user?.is_admin && <PauseDialog onClose={() => setUrl({ pause: null })} />}
      {url.add && mayAdd && (
        <NewEngine onClose={() => setUrl({ add: null })} onSaved={({ id }) => setUrl({ add: null, engine: id })} />
      )}
      {edited && (
        <EditDialog
          key={edited.id}
          engine={edited}
          onClose={() => setUrl({ edit: null })}
          onSaved={() => setUrl({ edit: null })}
        />
      )}
      {doomed?.service && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setUrl({ remove: null })}
          title={`Remove ${doomed.name}`}
          description="Nothing is built by it any more. One that a source names, or that builds, is not removed."
          confirmLabel="Remove engine"
          busy={removal.isPending}
          onConfirm={() => removal.mutate(doomed.service?.id ?? "", { onSuccess: gone })}
          removed={doomed.service.cluster ? [] : ["The stored certificate and key"]}
          kept={[
            doomed.service.cluster
              ? `The namespace ${doomed.service.cluster.namespace} in the cluster, with its NetworkPolicy`
              : "The service itself, with its cache",
            "All images",
          ]}
          error={
            problem && (
              <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
            )
          }
        />
      )}
    </div>
  );
}
