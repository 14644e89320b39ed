import { Package, Plus } from "lucide-react";
import { useMemo } from "react";
import { coversSomewhere } from "@/model/roles";
import { explain, useEmbeddedRegistry, useRegistries, useSession } from "@/product";
import {
  Button,
  EmptyState,
  ErrorState,
  ListHeader,
  LocalTable,
  SkeletonRows,
  useCommands,
  useCrumbs,
  useUrlState,
} from "@/ui";
import { COLUMNS, placeOf } from "./columns";
import { EmbeddedPanel } from "./EmbeddedPanel";
import { EMBEDDED, EmbeddedRow } from "./EmbeddedRow";
import { labelOf } from "./providers";
import { RegistryDialog } from "./RegistryDialog";
import { RegistryPanel } from "./RegistryPanel";
import { RemoveRegistryDialog } from "./RemoveRegistryDialog";

/** Where images are pulled from and pushed to, and as whom. */
export default function RegistriesPage() {
  useCrumbs({ label: "Registries" });
  const [url, setUrl] = useUrlState(["registry", "add", "edit", "remove"]);
  const { data: registries, isPending, error, refetch } = useRegistries();
  const embedded = useEmbeddedRegistry().data;
  const user = useSession().data?.user;
  const mayAdd = coversSomewhere(user, "admin") || Boolean(user?.is_admin);
  const chosen = registries?.find(({ id }) => id === url.registry);
  const edited = registries?.find(({ id, may_edit }) => id === url.edit && may_edit);
  const doomed = registries?.find(({ id, may_edit }) => id === url.remove && may_edit);
  useCommands(
    useMemo(
      () =>
        mayAdd
          ? [
              {
                name: "registry.add",
                group: "On this page",
                label: "Add a registry",
                keys: "c",
                icon: <Plus size={16} strokeWidth={1.5} aria-hidden />,
                perform: () => setUrl({ add: "1" }),
              },
            ]
          : [],
      [mayAdd, setUrl],
    ),
  );
  const add = mayAdd && (
    <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setUrl({ add: "1" })}>
      Add registry
    </Button>
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader title="Registries" actions={add} />
        <div className="flex min-h-0 flex-1 flex-col bg-surface">
          {embedded && (
            <EmbeddedRow
              embedded={embedded}
              active={url.registry === EMBEDDED}
              onOpen={() => setUrl({ registry: url.registry === EMBEDDED ? null : EMBEDDED })}
            />
          )}
          {isPending ? (
            <SkeletonRows rows={3} />
          ) : error || !registries ? (
            <ErrorState title="Registries could not be loaded" {...explain(error)} onRetry={() => void refetch()} />
          ) : registries.length === 0 ? (
            <EmptyState
              icon={<Package size={20} strokeWidth={1.5} aria-hidden />}
              title={embedded?.takes_images ? "No others yet" : "No registries yet"}
              action={add}
            >
              {embedded?.takes_images
                ? "Public images need none, and images that are built here go to the embedded one. Add a registry to use private images, or to build into it."
                : "Public images need none. Add a registry to use private images, and to have a place for those that are built here."}
            </EmptyState>
          ) : (
            <LocalTable
              name="search"
              className="max-h-full"
              label="Registries"
              noun={["registry", "registries"]}
              rows={registries}
              columns={COLUMNS}
              rowKey={({ id }) => id}
              defaultSort="name"
              texts={(one) => [one.name, placeOf(one), labelOf(one.provider), one.username, one.team?.name ?? ""]}
              activeKey={chosen?.id}
              onOpen={({ id }) => setUrl({ registry: id === url.registry ? null : id })}
            />
          )}
        </div>
      </div>
      {embedded && url.registry === EMBEDDED && (
        <EmbeddedPanel embedded={embedded} onClose={() => setUrl({ registry: null })} />
      )}
      {chosen && (
        <RegistryPanel
          key={chosen.id}
          registry={chosen}
          onClose={() => setUrl({ registry: null })}
          onEdit={() => setUrl({ edit: chosen.id })}
          onRemove={() => setUrl({ remove: chosen.id })}
        />
      )}
      {url.add && mayAdd && (
        <RegistryDialog
          onClose={() => setUrl({ add: null })}
          onSaved={({ id }) => setUrl({ add: null, registry: id })}
        />
      )}
      {edited && (
        <RegistryDialog
          key={edited.id}
          registry={edited}
          onClose={() => setUrl({ edit: null })}
          onSaved={() => setUrl({ edit: null })}
        />
      )}
      {doomed && (
        <RemoveRegistryDialog
          registry={doomed}
          onClose={() => setUrl({ remove: null })}
          onRemoved={() => setUrl({ remove: null, registry: null })}
        />
      )}
    </div>
  );
}
