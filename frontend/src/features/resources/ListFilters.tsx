import { ListFilter } from "lucide-react";
import { useState } from "react";
import { useNamespaces } from "@/product";
import { Button, Checkbox, Field, FilterChip, Form, Input, Popover, SearchInput } from "@/ui";
import { NamespaceSets } from "./NamespaceSets";

/** What is in the address; "" for a filter that is not set. */
export interface ListFilterValues {
  namespace: string;
  /** What the set of namespaces is called. */
  set: string;
  labels: string;
  fields: string;
  health: string;
  system: string;
}
type Changes = Partial<Record<keyof ListFilterValues, string | null>>;

const STATES = ["healthy", "present", "progressing", "degraded", "failed", "suspended", "unknown"] as const;
const NAMESPACES_MOST = 100;
/** The cluster's own namespaces, which the server leaves out as well. */
const SYSTEM: ReadonlySet<string> = new Set(["kube-node-lease", "kube-public", "kube-system"]);

/** The filters of a list of objects: a set of namespaces, selectors, health, and whether system objects are shown. */
export function ListFilters({
  clusterId,
  isNamespaced,
  isJudged,
  values,
  onChange,
}: {
  clusterId: string;
  isNamespaced: boolean;
  isJudged: boolean;
  values: ListFilterValues;
  onChange: (changes: Changes) => void;
}) {
  const chosen = values.namespace.split(",").filter(Boolean);
  const states = values.health.split(",").filter(Boolean);
  const toggled = (list: readonly string[], word: string) =>
    (list.includes(word) ? list.filter((each) => each !== word) : [...list, word].sort()).join(",") || null;
  return (
    <>
      {isNamespaced && (
        <Popover
          label="Namespaces"
          trigger={
            <Button>
              {chosen.length === 0
                ? "All namespaces"
                : values.set || (chosen.length === 1 ? chosen[0] : `${chosen.length} namespaces`)}
            </Button>
          }
        >
          <Namespaces
            clusterId={clusterId}
            chosen={chosen}
            showsSystem={values.system === "show"}
            onToggle={(name) => onChange({ namespace: toggled(chosen, name), set: null })}
            onClear={() => onChange({ namespace: null, set: null })}
          />
          <NamespaceSets
            key={values.set}
            clusterId={clusterId}
            chosen={chosen}
            name={values.set}
            onChoose={(set, namespaces) => onChange({ namespace: namespaces.join(","), set })}
          />
          <div className="border-t border-line p-3">
            <Checkbox
              checked={values.system === "show"}
              onChange={(show) => onChange({ system: show ? "show" : null })}
              label="Show system namespaces"
            />
          </div>
        </Popover>
      )}
      <Popover label="Filters" trigger={<Button icon={<ListFilter size={14} aria-hidden />}>Filters</Button>}>
        <Selectors
          key={`${values.labels} ${values.fields}`}
          labels={values.labels}
          fields={values.fields}
          onChange={onChange}
        />
        {isJudged && (
          <fieldset className="flex flex-col gap-2 border-t border-line p-3">
            <legend className="sr-only">Health</legend>
            {STATES.map((state) => (
              <Checkbox
                key={state}
                checked={states.includes(state)}
                onChange={() => onChange({ health: toggled(states, state) })}
                label={state}
              />
            ))}
          </fieldset>
        )}
      </Popover>
      {values.labels && (
        <FilterChip name="labels" onRemove={() => onChange({ labels: null })}>
          {values.labels}
        </FilterChip>
      )}
      {values.fields && (
        <FilterChip name="fields" onRemove={() => onChange({ fields: null })}>
          {values.fields}
        </FilterChip>
      )}
      {values.health && (
        <FilterChip name="health" onRemove={() => onChange({ health: null })}>
          {states.join(", ")}
        </FilterChip>
      )}
    </>
  );
}

function Namespaces({
  clusterId,
  chosen,
  showsSystem,
  onToggle,
  onClear,
}: {
  clusterId: string;
  chosen: readonly string[];
  showsSystem: boolean;
  onToggle: (name: string) => void;
  onClear: () => void;
}) {
  const [typed, setTyped] = useState("");
  const { data: names = [], error } = useNamespaces(clusterId);
  const offered = showsSystem ? names : names.filter((name) => !SYSTEM.has(name));
  const known = [...new Set([...chosen, ...offered])];
  const shown = known.filter((name) => name.includes(typed.trim().toLowerCase())).slice(0, NAMESPACES_MOST);
  const fresh = typed.trim();
  return (
    <div className="flex flex-col gap-2 p-3">
      <SearchInput label="Find a namespace" value={typed} onChange={setTyped} />
      <div className="flex max-h-64 flex-col gap-2 overflow-y-auto py-1">
        {shown.map((name) => (
          <Checkbox key={name} checked={chosen.includes(name)} onChange={() => onToggle(name)} label={name} />
        ))}
        {error && fresh && !known.includes(fresh) && (
          <Button size="sm" onClick={() => onToggle(fresh)}>
            Look into {fresh}
          </Button>
        )}
      </div>
      {chosen.length > 0 && (
        <Button size="sm" tone="ghost" className="self-start" onClick={onClear}>
          All namespaces
        </Button>
      )}
    </div>
  );
}

function Selectors({
  labels,
  fields,
  onChange,
}: {
  labels: string;
  fields: string;
  onChange: (changes: Changes) => void;
}) {
  const [typed, setTyped] = useState({ labels, fields });
  return (
    <Form
      className="flex flex-col gap-3 p-3"
      onSubmit={() => onChange({ labels: typed.labels.trim() || null, fields: typed.fields.trim() || null })}
    >
      <Field label="Label selector">
        <Input
          value={typed.labels}
          placeholder="app=web,tier!=db"
          onChange={(event) => setTyped({ ...typed, labels: event.target.value })}
        />
      </Field>
      <Field label="Field selector">
        <Input
          value={typed.fields}
          placeholder="status.phase=Running"
          onChange={(event) => setTyped({ ...typed, fields: event.target.value })}
        />
      </Field>
      <Button type="submit" size="sm" className="self-start">
        Apply selectors
      </Button>
    </Form>
  );
}
