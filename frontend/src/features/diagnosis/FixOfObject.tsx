import type { Finding } from "@/contract";
import { CopyButton } from "@/ui";

/** What would mend an object; its own YAML, or the workflow that drew it, takes the change. */
export function FixOfObject({ fix }: { fix: NonNullable<Finding["fix"]> }) {
  return (
    <dl className="flex flex-col gap-1 rounded border border-line bg-sunken px-3 py-2 text-12">
      <dt className="flex items-center gap-2 font-medium">
        <span className="min-w-0 flex-1">{fix.label}</span>
        <CopyButton
          text={fix.settings.map(({ field, value }) => `${field}: ${JSON.stringify(value)}`).join("\n")}
          label="Copy the change"
        />
      </dt>
      {fix.settings.map(({ field, value }) => (
        <dd key={field} className="font-mono wrap-anywhere">
          {field}: {value === null ? "taken out" : JSON.stringify(value)}
        </dd>
      ))}
      <dd className="text-muted">Edit the YAML of the object, or draw it so in the workflow that owns it.</dd>
    </dl>
  );
}
