import { History } from "lucide-react";
import type { ObjectChange } from "@/contract";
import { plural } from "@/model/words";
import { explain, Values, type ResourceTabProps } from "@/product";
import { EmptyState, ErrorState, RelativeTime, SkeletonRows, Tag } from "@/ui";
import { useObjectHistory } from "../queries";

const NO_VALUES =
  "Objects of this kind are watched without their content, so it is told which fields were written and by whom, and not from what to what.";

/** What was seen to change on the object: who, when, which fields, and from what to what. */
export default function HistoryTab({ clusterId, kind, namespace, name }: ResourceTabProps) {
  const { data, error, isPending, refetch } = useObjectHistory({ clusterId, kind, namespace, name });
  if (isPending) return <SkeletonRows rows={6} />;
  if (!data)
    return <ErrorState title="The history could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  if (data.results.length === 0)
    return (
      <EmptyState
        icon={<History size={20} strokeWidth={1.5} aria-hidden />}
        title={data.followed ? "No changes seen yet" : "Nothing has been written down of this object"}
      >
        {data.followed
          ? `Changes of its fields are written down as they happen: by runs, by kubectl, by controllers.${data.has_values ? "" : ` ${NO_VALUES}`}`
          : "Changes are written down for objects that an environment has applied. If this is one of them, its next change is the first that is noted. “Changed by” on the overview says who wrote to it last."}
      </EmptyState>
    );
  return (
    <div className="flex max-w-5xl flex-col gap-3 p-5">
      <ol aria-label="Changes" className="rounded-card border border-line bg-surface">
        {data.results.map((change) => (
          <Row key={change.id} change={change} />
        ))}
      </ol>
      {!data.has_values && <p className="text-12 text-muted">{NO_VALUES}</p>}
      <p className="text-12 text-muted">
        At most the last 50 changes of the last 30 days; fewer where they are large, or where much changes on the
        cluster. Its status is not part of it, and values that look like secrets are hidden.
      </p>
    </div>
  );
}

function Row({ change }: { change: ObjectChange }) {
  const { manager, name, subresource, at, first_at: first, times, fields, left_out: leftOut } = change;
  return (
    <li className="flex flex-col gap-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-13">
        <span className="font-medium" title={manager || undefined}>
          {change.unknown && manager ? `Last writer: ${name || manager}` : name || manager || "Somebody"}
        </span>
        {subresource && <Tag>through {subresource}</Tag>}
        {change.sort === "ours" && <Tag>a run</Tag>}
        {times > 1 && (
          <Tag>
            {times} times, first <RelativeTime at={first} />
          </Tag>
        )}
        <RelativeTime at={at} className="ml-auto text-12 text-muted" />
      </div>
      {fields.length > 0 && (
        <ul className="flex flex-col gap-1.5 text-12">
          {fields.map(({ path, old, new: now }) => (
            <li key={path} className="flex flex-col gap-0.5">
              <span className="font-mono break-all text-muted">{path}</span>
              <span className="-ml-1 min-w-0 break-words">
                <Values from={read(old)} to={read(now)} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <Missing change={change} />
      {leftOut > 0 && <p className="text-12 text-muted">and {plural(leftOut, "more field")}</p>}
    </li>
  );
}

/** What is not known of a change. */
function Missing({ change: { manager, unknown, among, fields } }: { change: ObjectChange }) {
  if (unknown)
    return (
      <p className="text-12 text-muted">
        It changed. How it was before had not been seen, so the fields are not known.
      </p>
    );
  if (among.length > 0)
    return (
      <p className="text-12 text-muted">
        {among.length === 1 ? "Changed was" : "Changed was one or more of"}{" "}
        <span className="font-mono break-all">{among.join(", ")}</span>.
      </p>
    );
  if (!manager && fields.length > 0)
    return (
      <p className="text-12 text-muted">
        {fields.every((field) => field.new === null)
          ? "Kubernetes does not say who took a field away."
          : "Who changed it is not known: Kubernetes does not say who took a field away, and several may have written at once."}
      </p>
    );
  return null;
}

/** JSON as the server wrote it. */
function read(value: string | null): unknown {
  if (value === null) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
