import { FileDiff } from "lucide-react";
import { explain, TeamSelect } from "@/product";
import {
  Button,
  EmptyState,
  ListHeader,
  PagedTable,
  SearchInput,
  useCrumbs,
  useMedia,
  useTypedSearch,
  useUrlState,
} from "@/ui";
import { COLUMNS, NARROW_COLUMNS, ROW } from "./columns";
import { DriftPanel } from "./DriftPanel";
import { useDrift } from "./queries";
import { keyOf } from "./words";

const DEFAULT_SORT = "-since";

/** What others changed in the environments of the person's teams, and what can be done about it. */
export default function DriftPage() {
  useCrumbs({ label: "Drift" });
  const [url, setUrl] = useUrlState(["q", "team", "sort", "object"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const isNarrow = useMedia("(max-width: 699px)");
  const sort = url.sort || DEFAULT_SORT;
  const { query, rows } = useDrift({ q: url.q || undefined, team: url.team || undefined, sort });
  const chosen = rows.find((row) => keyOf(row) === url.object);
  const icon = <FileDiff size={20} strokeWidth={1.5} aria-hidden />;
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader title="Drift">
          <SearchInput
            label="Search drift"
            placeholder="Object, field or manager"
            className="w-full sm:w-56"
            value={typed}
            onChange={setTyped}
          />
          <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
        </ListHeader>
        <PagedTable
          label="Drift"
          noun="object"
          pages={query}
          failure={query.error && explain(query.error)}
          rows={rows}
          columns={isNarrow ? NARROW_COLUMNS : COLUMNS}
          rowHeight={isNarrow ? ROW.narrow : ROW.wide}
          rowKey={keyOf}
          activeKey={chosen && keyOf(chosen)}
          onOpen={(row) => setUrl({ object: keyOf(row) === url.object ? null : keyOf(row) })}
          sort={sort}
          onSort={(next) => setUrl({ sort: next === DEFAULT_SORT ? null : next })}
          empty={
            url.q || url.team ? (
              <EmptyState
                icon={icon}
                title="No matching drift"
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
              <EmptyState icon={icon} title="Nothing has drifted">
                When somebody changes an object that a run applied, its fields are listed here, with who changed them.
              </EmptyState>
            )
          }
        />
      </div>
      {chosen && <DriftPanel key={keyOf(chosen)} row={chosen} onClose={() => setUrl({ object: null })} />}
    </div>
  );
}
