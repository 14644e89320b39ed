import { History } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { planPath } from "@/model/approvals";
import { explain, useDecisions } from "@/product";
import { Button, EmptyState, PagedTable } from "@/ui";
import { DECIDED } from "./columns";
import { asked, isFiltered, type ListProps } from "./filters";

const DEFAULT_SORT = "-at";

/** What was decided about plans, by whom and why, and the run that came of it. */
export function Decisions({ filters, onClear, onSort }: ListProps) {
  const navigate = useNavigate();
  const sort = filters.sort || DEFAULT_SORT;
  const query = useDecisions({
    ...asked(filters),
    mine: filters.whose === "me" ? 1 : undefined,
    state: filters.state || undefined,
    sort,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const icon = <History size={20} strokeWidth={1.5} aria-hidden />;
  return (
    <PagedTable
      label="Decisions"
      noun="decision"
      pages={query}
      failure={query.error && explain(query.error)}
      rows={rows}
      columns={DECIDED}
      rowKey={({ id }) => id}
      onOpen={({ plan, run, ...where }) => {
        if (run) void navigate(`/runs/${run.id}`);
        else if (plan !== null) void navigate(planPath({ ...where, id: plan }));
      }}
      sort={sort}
      onSort={(next) => onSort(next === DEFAULT_SORT ? null : next)}
      empty={
        isFiltered(filters) ? (
          <EmptyState icon={icon} title="No matching decision" action={<Button onClick={onClear}>Show all</Button>} />
        ) : (
          <EmptyState icon={icon} title="Nothing was decided yet">
            Who approved, refused or withdrew a plan is kept here for a year, with the reason and the run that came of
            it.
          </EmptyState>
        )
      }
    />
  );
}
