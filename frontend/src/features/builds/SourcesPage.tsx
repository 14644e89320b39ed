import { FolderGit2, GitBranch } from "lucide-react";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { Source } from "@/contract";
import { covers, coversSomewhere, roleIn } from "@/model/roles";
import { explain, TeamSelect, useSession, useStartBuild } from "@/product";
import {
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LinkButton,
  ListHeader,
  PagedTable,
  SearchInput,
  useCrumbs,
  useTypedSearch,
  useUrlState,
} from "@/ui";
import { EngineNote } from "./EngineNote";
import { OldImagesDialog } from "./OldImagesDialog";
import { PauseNote } from "./PauseNote";
import { Places } from "./Places";
import { PushDialog } from "./pushes/PushDialog";
import { useDeleteSource, useSources } from "./queries";
import { SourceDialog } from "./SourceDialog";
import { sourceColumns } from "./sourceColumns";

const icon = <FolderGit2 size={20} strokeWidth={1.5} aria-hidden />;

/** The places of repositories that images are built of. */
export default function SourcesPage() {
  useCrumbs({ label: "Builds", to: "/builds" }, { label: "Sources" });
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const [url, setUrl] = useUrlState(["q", "team", "sort", "new", "connection"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const [edited, edit] = useState<Source | null>(null);
  const [removed, remove] = useState<Source | null>(null);
  const [tidied, tidy] = useState<Source | null>(null);
  const [followed, follow] = useState<Source | null>(null);
  const start = useStartBuild();
  const deletion = useDeleteSource();
  const sort = url.sort || "name";
  const query = useSources({ q: url.q || undefined, team: url.team || undefined, sort });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const mayMake = coversSomewhere(user, "editor");
  const { mutate: build } = start;
  const columns = useMemo(
    () =>
      sourceColumns({
        mayEdit: (source) => covers(roleIn(user, source.team.id), "editor"),
        onBuild: (source) =>
          build({ sourceId: source.id }, { onSuccess: (made) => void navigate(`/builds/${made.id}`) }),
        onEdit: edit,
        onPushes: follow,
        mayRemoveImages: (source) => covers(roleIn(user, source.team.id), "operator"),
        onRemoveImages: tidy,
        onDelete: remove,
      }),
    [user, build, navigate],
  );
  const add = mayMake && (
    <Button tone="primary" icon={<FolderGit2 size={14} aria-hidden />} onClick={() => setUrl({ new: "1" })}>
      New source
    </Button>
  );
  const close = () => {
    edit(null);
    setUrl({ new: null, connection: null });
  };
  return (
    <>
      <ListHeader
        title="Sources"
        actions={
          <>
            <Places here="sources" />
            {mayMake && (
              <LinkButton className="max-sm:hidden" icon={<GitBranch size={14} aria-hidden />} to="/from-git">
                New from git
              </LinkButton>
            )}
            {add}
          </>
        }
      >
        <SearchInput label="Search sources" value={typed} onChange={setTyped} className="w-full sm:w-56" />
        <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
      </ListHeader>
      <PauseNote />
      <EngineNote />
      {start.error && <ErrorState inline className="mx-5 my-3" title="Not built" {...explain(start.error)} />}
      <PagedTable
        label="Sources"
        noun="source"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={columns}
        rowKey={(source) => source.id}
        onOpen={(source) => void navigate(`/builds?source=${source.id}`)}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === "name" ? null : next })}
        empty={
          url.q || url.team ? (
            <EmptyState
              icon={icon}
              title="No matching sources"
              action={
                <Button
                  onClick={() => {
                    setTyped("");
                    setUrl({ q: null, team: null });
                  }}
                >
                  Show all
                </Button>
              }
            />
          ) : (
            <EmptyState icon={icon} title="No sources yet" action={add}>
              A source is a place in a git repository that images are built of. Draw it in a workflow, connect it to a
              Deployment, and each run takes its newest image.
            </EmptyState>
          )
        }
      />
      {(edited || (url.new && mayMake)) && <SourceDialog source={edited} connection={url.connection} onClose={close} />}
      {followed && <PushDialog source={followed} onClose={() => follow(null)} />}
      {tidied && <OldImagesDialog source={tidied} onClose={() => tidy(null)} />}
      {removed && (
        <ConfirmDialog
          open
          onOpenChange={(open) => {
            if (!open) remove(null);
          }}
          title={`Delete the source ${removed.name}?`}
          removed={["Its builds and their logs", "Its variables"]}
          kept={["Images stay in their registry", "Workflows keep their nodes, which then have no image"]}
          confirmLabel="Delete source"
          busy={deletion.isPending}
          onConfirm={() => deletion.mutate(removed.id, { onSuccess: () => remove(null) })}
          error={
            deletion.error && <ErrorState inline title="The source was not deleted" {...explain(deletion.error)} />
          }
        />
      )}
    </>
  );
}
