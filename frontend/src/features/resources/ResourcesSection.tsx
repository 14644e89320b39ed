import { Boxes } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { ResourceFilters } from "@/api";
import { plural } from "@/model/words";
import { explain, resourcePath, type SectionProps } from "@/product";
import { Button, EmptyState, ListHeader, PagedTable, SearchInput, useTypedSearch, useUrlState } from "@/ui";
import { columnsOf, inOrder, placeOf } from "./columns";
import { KindSelect } from "./KindSelect";
import { ListFilters } from "./ListFilters";
import { Liveness } from "./Liveness";
import { useMarks } from "./marks";
import { useResources } from "./queries";
import { useLiveRows } from "./useLiveRows";

const DEFAULT_KIND = "Pod";

/** Objects of one kind in a cluster, as kubectl prints them. */
export default function ResourcesSection({ cluster }: SectionProps) {
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState(["kind", "namespace", "set", "q", "labels", "fields", "health", "system", "sort"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const kind = url.kind || DEFAULT_KIND;
  const filters: ResourceFilters = {
    kind,
    namespace: url.namespace || undefined,
    q: url.q || undefined,
    labels: url.labels || undefined,
    fields: url.fields || undefined,
    health: url.health || undefined,
    system: url.system === "show" ? undefined : "hide",
  };
  const { query, queryKey, rows, first } = useResources(cluster.id, filters);
  const live = useLiveRows(cluster.id, filters, queryKey, query.isPlaceholderData ? null : first?.version);
  const shown = useMemo(() => (url.sort ? inOrder(rows, first, url.sort) : rows), [rows, first, url.sort]);
  const marks = useMarks(cluster.id).data?.results;
  const columns = useMemo(() => {
    const favourites = marks?.filter((mark) => mark.favourite && mark.kind === first?.kind.id) ?? [];
    return first ? columnsOf(first, new Set(favourites.map(placeOf))) : [];
  }, [first, marks]);
  const isFiltered = Boolean(url.q || url.labels || url.fields || url.health || url.namespace);
  const clear = () => {
    setTyped("");
    setUrl({ q: null, labels: null, fields: null, health: null, namespace: null, set: null });
  };
  const icon = <Boxes size={20} strokeWidth={1.5} aria-hidden />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ListHeader>
        <KindSelect
          clusterId={cluster.id}
          value={kind}
          onChange={(next) => setUrl({ kind: next, labels: null, fields: null, health: null, sort: null })}
        />
        <SearchInput
          label="Search"
          placeholder="Find in any column"
          className="w-full sm:w-64"
          value={typed}
          onChange={setTyped}
        />
        <ListFilters
          clusterId={cluster.id}
          isNamespaced={first?.kind.namespaced ?? true}
          isJudged={first?.kind.judged ?? false}
          values={url}
          onChange={setUrl}
        />
        {first?.namespaces && <Places {...first.namespaces} />}
        {rows.length > 0 && <Liveness state={live} />}
        {url.sort && query.hasNextPage && (
          <span className="text-12 text-muted">
            Only the {rows.length} loaded rows are sorted.{" "}
            <Button size="sm" tone="ghost" onClick={() => setUrl({ sort: null })}>
              Server order
            </Button>
          </span>
        )}
      </ListHeader>
      <PagedTable
        label="Resources"
        noun="object"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={shown}
        sort={url.sort}
        onSort={(sort) => setUrl({ sort })}
        columns={columns}
        rowKey={(row) => row.uid}
        onOpen={({ namespace, name }) =>
          void navigate(resourcePath({ clusterId: cluster.id, kind: first?.kind.id ?? kind, namespace, name }))
        }
        empty={
          isFiltered ? (
            <EmptyState icon={icon} title="Nothing matches" action={<Button onClick={clear}>Show all</Button>} />
          ) : (
            <EmptyState icon={icon} title={`No ${first?.kind.plural ?? "objects"} here`}>
              Nothing of this kind is in the namespaces that you see.
            </EmptyState>
          )
        }
      />
    </div>
  );
}

/** Of which namespaces the list is made, where that is not all. */
function Places({ names, total, unasked }: { names: readonly string[]; total: number | null; unasked: number }) {
  if (unasked > 0)
    return (
      <span className="text-12 text-muted">
        {plural(names.length, "namespace")} visible to you of {(total ?? unasked) - unasked} looked into;{" "}
        {plural(unasked, "more is", "more are")} looked into when the list is loaded again
      </span>
    );
  if (total === null) return null;
  return (
    <span className="text-12 text-muted">
      {names.length} of {total} namespaces visible to you
    </span>
  );
}
