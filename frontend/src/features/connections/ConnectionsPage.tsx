import { GitBranch, Plus } from "lucide-react";
import { useMemo } from "react";
import { coversSomewhere } from "@/model/roles";
import { explain, useGitConnections, useSession } from "@/product";
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
import { COLUMNS, credentialOf, placeOf } from "./columns";
import { ConnectionDialog } from "./ConnectionDialog";
import { ConnectionPanel } from "./ConnectionPanel";
import { labelOf } from "./providers";
import { RemoveConnectionDialog } from "./RemoveConnectionDialog";

/** Git servers, and what opens their repositories for a team. */
export default function ConnectionsPage() {
  useCrumbs({ label: "Git connections" });
  const [url, setUrl] = useUrlState(["connection", "add", "edit", "remove"]);
  const { data: connections, isPending, error, refetch } = useGitConnections();
  const user = useSession().data?.user;
  const mayAdd = coversSomewhere(user, "admin");
  const chosen = connections?.find(({ id }) => id === url.connection);
  const edited = connections?.find(({ id, may_edit }) => id === url.edit && may_edit);
  const doomed = connections?.find(({ id, may_edit }) => id === url.remove && may_edit);
  useCommands(
    useMemo(
      () =>
        mayAdd
          ? [
              {
                name: "gitConnection.add",
                group: "On this page",
                label: "Add a git connection",
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
      Add connection
    </Button>
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader title="Git connections" actions={add} />
        <div className="flex min-h-0 flex-1 flex-col bg-surface">
          {isPending ? (
            <SkeletonRows rows={3} />
          ) : error || !connections ? (
            <ErrorState
              title="Git connections could not be loaded"
              {...explain(error)}
              onRetry={() => void refetch()}
            />
          ) : connections.length === 0 ? (
            <EmptyState
              icon={<GitBranch size={20} strokeWidth={1.5} aria-hidden />}
              title="No git connections yet"
              action={add}
            >
              Public repositories need none. Add a connection to build from private ones, and to choose repositories and
              branches from a list.
            </EmptyState>
          ) : (
            <LocalTable
              name="search"
              className="max-h-full"
              label="Git connections"
              noun={["git connection", "git connections"]}
              rows={connections}
              columns={COLUMNS}
              rowKey={({ id }) => id}
              defaultSort="name"
              texts={(one) => [one.name, placeOf(one), labelOf(one.provider), credentialOf(one), one.team.name]}
              activeKey={chosen?.id}
              onOpen={({ id }) => setUrl({ connection: id === url.connection ? null : id })}
            />
          )}
        </div>
      </div>
      {chosen && (
        <ConnectionPanel
          key={chosen.id}
          connection={chosen}
          onClose={() => setUrl({ connection: null })}
          onEdit={() => setUrl({ edit: chosen.id })}
          onRemove={() => setUrl({ remove: chosen.id })}
        />
      )}
      {url.add && mayAdd && (
        <ConnectionDialog
          onClose={() => setUrl({ add: null })}
          onSaved={({ id }) => setUrl({ add: null, connection: id })}
        />
      )}
      {edited && (
        <ConnectionDialog
          key={edited.id}
          connection={edited}
          onClose={() => setUrl({ edit: null })}
          onSaved={() => setUrl({ edit: null })}
        />
      )}
      {doomed && (
        <RemoveConnectionDialog
          connection={doomed}
          onClose={() => setUrl({ remove: null })}
          onRemoved={() => setUrl({ remove: null, connection: null })}
        />
      )}
    </div>
  );
}
