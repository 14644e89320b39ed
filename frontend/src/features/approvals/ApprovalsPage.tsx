import { TeamSelect } from "@/product";
import { FilterChip, ListHeader, SearchInput, Segmented, Select, useCrumbs, useTypedSearch, useUrlState } from "@/ui";
import { AskedPlans } from "./AskedPlans";
import { Decisions } from "./Decisions";
import type { Filters, Show } from "./filters";

const SHOWN: readonly { value: Show; label: string }[] = [
  { value: "", label: "Waiting" },
  { value: "run", label: "To be run" },
  { value: "decided", label: "Decided" },
];
const STATES: readonly { value: Filters["state"]; label: string }[] = [
  { value: "", label: "All decisions" },
  { value: "approved", label: "Approved" },
  { value: "refused", label: "Refused" },
  { value: "withdrawn", label: "Withdrawn" },
];

/** Plans for protected environments: those that wait for a second person, those that may run now, and what was decided. */
export default function ApprovalsPage() {
  useCrumbs({ label: "Approvals" });
  const [url, setUrl] = useUrlState(["show", "q", "team", "environment", "named", "whose", "state", "sort"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const show = (SHOWN.some(({ value }) => value === url.show) ? url.show : "") as Show;
  const state = (STATES.some(({ value }) => value === url.state) ? url.state : "") as Filters["state"];
  const filters: Filters = { ...url, show, state };
  const clear = () => {
    setTyped("");
    setUrl({ q: null, team: null, whose: null, environment: null, named: null, state: null });
  };
  const props = { filters, onClear: clear, onSort: (sort: string | null) => setUrl({ sort }) };
  return (
    <>
      <ListHeader title="Approvals">
        <Segmented
          label="What is shown"
          value={show}
          onChange={(next) => setUrl({ show: next, whose: null, state: null, sort: null })}
          options={SHOWN}
        />
        <SearchInput
          label="Search approvals"
          placeholder="Workflow, environment or person"
          className="w-full sm:w-64"
          value={typed}
          onChange={setTyped}
        />
        {url.environment && (
          <FilterChip name="environment" onRemove={() => setUrl({ environment: null, named: null })}>
            {url.named || "chosen"}
          </FilterChip>
        )}
        <Segmented
          label="Whose"
          value={url.whose as "" | "me"}
          onChange={(whose) => setUrl({ whose })}
          options={[
            { value: "", label: "All" },
            { value: "me", label: show === "" ? "Waiting for me" : "My plans" },
          ]}
        />
        {show === "decided" && (
          <Select
            label="Decision"
            className="w-36"
            value={state}
            onChange={(next) => setUrl({ state: next })}
            options={STATES}
          />
        )}
        <TeamSelect value={url.team} onChange={(team) => setUrl({ team })} />
      </ListHeader>
      {show === "decided" ? <Decisions {...props} /> : <AskedPlans key={show} {...props} />}
    </>
  );
}
