import { Hammer } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { BuildState } from "@/contract";
import { capital } from "@/model/words";
import { explain, STATUS, TeamSelect } from "@/product";
import {
  Button,
  EmptyState,
  FilterChip,
  LinkButton,
  ListHeader,
  PagedTable,
  SearchInput,
  Segmented,
  useCrumbs,
  useTypedSearch,
  useUrlState,
} from "@/ui";
import { COLUMNS } from "./columns";
import { EngineNote } from "./EngineNote";
import { KeptNote } from "./KeptNote";
import { PauseNote } from "./PauseNote";
import { Places } from "./Places";
import { useBuilds, useSource } from "./queries";

/** All of them, in the order a build goes through them. */
const ORDER: Record<BuildState, null> = {
  queued: null,
  cloning: null,
  building: null,
  pushing: null,
  succeeded: null,
  failed: null,
  canceled: null,
};
const STATES = [
  { value: "" as const, label: "All" },
  ...(Object.keys(ORDER) as BuildState[]).map((state) => ({ value: state, label: capital(STATUS[state].word) })),
];
const icon = <Hammer size={20} strokeWidth={1.5} aria-hidden />;

/** The builds of all teams of the person, or of one source. */
export default function BuildsPage() {
  useCrumbs({ label: "Builds" });
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState(["q", "state", "source", "team", "sort"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const sort = url.sort || "-created_at";
  const query = useBuilds({
    q: url.q || undefined,
    state: (url.state || undefined) as BuildState | undefined,
    source: url.source || undefined,
    team: url.team || undefined,
    sort,
  });
  const source = useSource(url.source).data;
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const isFiltered = Boolean(url.q || url.state || url.source || url.team);
  return (
    <>
      <ListHeader title="Builds" actions={<Places here="builds" />}>
        <SearchInput label="Search builds" value={typed} onChange={setTyped} className="w-full sm:w-48" />
        <Segmented
          label="State"
          from={1000}
          value={url.state as "" | BuildState}
          onChange={(state) => setUrl({ state })}
          options={STATES}
        />
        <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
        {url.source && (
          <FilterChip name="source" onRemove={() => setUrl({ source: null })}>
            {source?.name ?? rows[0]?.source_name ?? url.source}
          </FilterChip>
        )}
      </ListHeader>
      <PauseNote />
      <EngineNote />
      <KeptNote />
      <PagedTable
        label="Builds"
        noun="build"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={COLUMNS}
        rowKey={(build) => build.id}
        onOpen={(build) => void navigate(`/builds/${build.id}`)}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === "-created_at" ? null : next })}
        empty={
          isFiltered ? (
            <EmptyState
              icon={icon}
              title="No matching builds"
              action={
                <Button
                  onClick={() => {
                    setTyped("");
                    setUrl({ q: null, state: null, source: null, team: null });
                  }}
                >
                  Show all
                </Button>
              }
            />
          ) : (
            <EmptyState
              icon={icon}
              title="No builds yet"
              action={<LinkButton to="/builds/sources">Open sources</LinkButton>}
            >
              A build makes an image of one commit of a source. A workflow that draws the source runs the newest one.
            </EmptyState>
          )
        }
      />
    </>
  );
}
