import { ShieldCheck } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { explain, useApprovals, TeamSelect } from "@/product";
import {
  Button,
  EmptyState,
  ListHeader,
  PagedTable,
  SearchInput,
  Segmented,
  useCrumbs,
  useTypedSearch,
  useUrlState,
} from "@/ui";
import { COLUMNS, planPath } from "./columns";

const DEFAULT_SORT = "-created_at";
type Whose = "" | "me";
const WHOSE: readonly { value: Whose; label: string }[] = [
  { value: "", label: "All" },
  { value: "me", label: "Waiting for me" },
];

/** Plans for protected environments that wait until another person than who made them approves. */
export default function ApprovalsPage() {
  useCrumbs({ label: "Approvals" });
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState(["q", "team", "whose", "sort"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const sort = url.sort || DEFAULT_SORT;
  const query = useApprovals({
    q: url.q || undefined,
    team: url.team || undefined,
    for_me: url.whose === "me" ? 1 : undefined,
    sort,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const icon = <ShieldCheck size={20} strokeWidth={1.5} aria-hidden />;
  return (
    <>
      <ListHeader title="Approvals">
        <SearchInput
          label="Search approvals"
          placeholder="Workflow, environment or person"
          className="w-full sm:w-72"
          value={typed}
          onChange={setTyped}
        />
        <Segmented
          label="Whose decision"
          value={url.whose as Whose}
          onChange={(whose) => setUrl({ whose })}
          options={WHOSE}
        />
        <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
      </ListHeader>
      <PagedTable
        label="Approvals"
        noun="plan"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        onOpen={(plan) => void navigate(planPath(plan))}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === DEFAULT_SORT ? null : next })}
        empty={
          url.q || url.team || url.whose ? (
            <EmptyState
              icon={icon}
              title="No matching plan waits"
              action={
                <Button
                  onClick={() => {
                    setTyped("");
                    setUrl({ q: null, team: null, whose: null });
                  }}
                >
                  Show all
                </Button>
              }
            />
          ) : (
            <EmptyState icon={icon} title="Nothing waits for an approval">
              In a protected environment a run needs a plan that a second person has approved. Such plans are listed
              here until somebody decides.
            </EmptyState>
          )
        }
      />
    </>
  );
}
