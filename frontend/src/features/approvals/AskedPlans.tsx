import { Play, ShieldCheck } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { planPath } from "@/model/approvals";
import { explain, useApprovals } from "@/product";
import { Button, EmptyState, PagedTable } from "@/ui";
import { TO_RUN, WAITING } from "./columns";
import { asked, isFiltered, type ListProps } from "./filters";

const DEFAULT_SORT = "-created_at";

/** Plans that wait until a second person decides, or those that one has approved and nobody has run. */
export function AskedPlans({ filters, onClear, onSort }: ListProps) {
  const navigate = useNavigate();
  const sort = filters.sort || DEFAULT_SORT;
  const isToRun = filters.show === "run";
  const mine = filters.whose === "me" ? 1 : undefined;
  const query = useApprovals({
    ...asked(filters),
    ...(isToRun ? { state: "approved", mine } : { for_me: mine }),
    sort,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const Icon = isToRun ? Play : ShieldCheck;
  const icon = <Icon size={20} strokeWidth={1.5} aria-hidden />;
  return (
    <PagedTable
      label="Approvals"
      noun="plan"
      pages={query}
      failure={query.error && explain(query.error)}
      rows={rows}
      columns={isToRun ? TO_RUN : WAITING}
      rowKey={({ id }) => id}
      onOpen={(plan) => void navigate(planPath(plan))}
      sort={sort}
      onSort={(next) => onSort(next === DEFAULT_SORT ? null : next)}
      empty={
        isFiltered(filters) ? (
          <EmptyState
            icon={icon}
            title={isToRun ? "No matching plan is to be run" : "No matching plan waits"}
            action={<Button onClick={onClear}>Show all</Button>}
          />
        ) : isToRun ? (
          <EmptyState icon={icon} title="Nothing is approved and to be run">
            A plan that a second person has approved is listed here until somebody runs it, for as long as it is true.
          </EmptyState>
        ) : (
          <EmptyState icon={icon} title="Nothing waits for an approval">
            In a protected environment a run needs a plan that a second person has approved. Such plans are listed here
            until somebody decides.
          </EmptyState>
        )
      }
    />
  );
}
