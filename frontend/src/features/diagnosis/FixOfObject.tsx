import type { Finding } from "@/contract";

/** What would mend an object; its own YAML, or the workflow that drew it, takes the change. */
export function FixOfObject({ fix }: { fix: NonNullable<Finding["fix"]> }) {
  return (
    <dl className="flex flex-col gap-1 rounded border border-line bg-sunken px-3 py-2 text-12">
      <dt className="font-medium">{fix.label}</dt>
      {fix.settings.map(({ field, value }) => (
        <dd key={field} className="font-mono wrap-anywhere">
          {field}: {value === null ? "taken out" : JSON.stringify(value)}
        </dd>
      ))}
    </dl>
  );
}
