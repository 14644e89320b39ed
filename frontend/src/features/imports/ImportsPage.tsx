import { FileUp } from "lucide-react";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { ImportRow } from "@/contract";
import { covers, coversSomewhere, roleIn } from "@/model/roles";
import { explain, FileDrop, TeamSelect, useOpenImport, useSession } from "@/product";
import {
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LinkButton,
  ListHeader,
  PagedTable,
  Segmented,
  useCrumbs,
  useUrlState,
} from "@/ui";
import { columnsFor } from "./columns";
import { useDeleteImport, useImports } from "./queries";

const STATES = [
  { value: "", label: "All" },
  { value: "fetching", label: "Fetching" },
  { value: "choosing", label: "To choose" },
  { value: "ready", label: "Converted" },
  { value: "refused", label: "Refused" },
  { value: "canceled", label: "Canceled" },
] as const;

/** What was brought in during the last 30 days. */
export default function ImportsPage() {
  useCrumbs({ label: "Imports" });
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const [url, setUrl] = useUrlState(["state", "team"]);
  const [asked, ask] = useState<ImportRow | null>(null);
  const remove = useDeleteImport();
  const openImport = useOpenImport();
  const state = STATES.find(({ value }) => value === url.state)?.value ?? "";
  const query = useImports({ state: state || undefined, team: url.team || undefined });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const columns = useMemo(() => columnsFor((row) => covers(roleIn(user, row.team.id), "editor"), ask), [user]);
  const icon = <FileUp size={20} strokeWidth={1.5} aria-hidden />;
  const start = coversSomewhere(user, "editor") && (
    <LinkButton tone="primary" icon={<FileUp size={14} aria-hidden />} to="/imports/new">
      New import
    </LinkButton>
  );
  const failure = remove.error && explain(remove.error);
  return (
    <FileDrop
      className="flex min-h-0 flex-1 flex-col"
      hint="Drop to import"
      onFiles={coversSomewhere(user, "editor") ? (found) => void openImport(found) : null}
    >
      <ListHeader title="Imports" actions={start}>
        <Segmented
          label="State"
          from={900}
          value={state}
          onChange={(next) => setUrl({ state: next })}
          options={STATES}
        />
        <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
      </ListHeader>
      <PagedTable
        label="Imports"
        noun="import"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate(`/imports/${row.id}`)}
        empty={
          url.state || url.team ? (
            <EmptyState
              icon={icon}
              title="No matching imports"
              action={<Button onClick={() => setUrl({ state: null, team: null })}>Show all</Button>}
            />
          ) : (
            <EmptyState icon={icon} title="No imports yet" action={start}>
              Compose files and manifests that were brought in are listed here for 30 days, with what became of each
              key.
            </EmptyState>
          )
        }
      />
      {asked && (
        <ConfirmDialog
          open
          onOpenChange={(open) => {
            if (!open) ask(null);
          }}
          title={`Delete the import ${asked.name}?`}
          removed={["Its files and the answers that were given"]}
          kept={asked.workflow ? [`The workflow ${asked.workflow.name}`] : []}
          confirmLabel="Delete import"
          busy={remove.isPending}
          onConfirm={() => remove.mutate(asked.id, { onSuccess: () => ask(null) })}
          error={failure && <ErrorState inline title="The import was not deleted" {...failure} />}
        />
      )}
    </FileDrop>
  );
}
