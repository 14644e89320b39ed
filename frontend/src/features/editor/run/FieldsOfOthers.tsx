import { ObjectLine } from "@/product";
import type { FieldOfOthers } from "./useRunWorkflow";

/** The fields at which a run would stop half-way; what becomes of each is chosen in a plan. */
export function FieldsOfOthers({ fields }: { fields: readonly FieldOfOthers[] }) {
  return (
    <div className="flex flex-col gap-2 text-13">
      <p>
        The workflow has another value for {fields.length === 1 ? "this field" : "these fields"} than somebody else has
        set. The run would stop there, so it was not started, and nothing was changed. A plan shows both values, and
        asks what becomes of {fields.length === 1 ? "it" : "them"}.
      </p>
      <ul aria-label="Fields of others" className="max-h-56 overflow-y-auto rounded border border-line bg-sunken">
        {fields.map(({ ref, path, name }) => (
          <li key={`${ref.kind} ${ref.name} ${path}`} className="border-b border-line px-3 py-2 last:border-b-0">
            <ObjectLine of={ref} note={<>managed by {name}</>} />
            <p className="font-mono text-12 break-all text-muted">{path}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}
