import { ArrowLeft, RotateCw } from "lucide-react";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import type { OwnedField } from "@/contract";
import { shortCommit } from "@/model/images";
import { sayBuilt } from "@/model/owners";
import { refKey } from "@/model/planWords";
import { plural } from "@/model/words";
import { explain, KindIcon } from "@/product";
import {
  Button,
  EmptyState,
  ErrorState,
  LocalTable,
  RelativeTime,
  Segmented,
  SkeletonRows,
  useUrlState,
  type LocalColumn,
} from "@/ui";
import { useOwners } from "../queries";
import { useOpenWorkflow } from "../WorkflowLayout";

type Who = "" | "ours" | "others";
const WHO: readonly { value: Who; label: string }[] = [
  { value: "", label: "Everybody's" },
  { value: "ours", label: "Ours" },
  { value: "others", label: "Of others" },
];
const NO_FIELDS: readonly OwnedField[] = [];
const isOurs = ({ known }: OwnedField): boolean => known.sort === "ours";
const timeOf = ({ at }: OwnedField): number => (at ? Date.parse(at) : 0);

/** Who owns each field of what was applied: which manager, since when, and where it is ours by which run of whom. */
export default function OwnersPage() {
  const workflow = useOpenWorkflow();
  const { environmentId = "" } = useParams();
  const environment = workflow.environments.find((each) => each.id === environmentId);
  const [url, setUrl] = useUrlState(["who"]);
  const query = useOwners(environmentId);
  const all = query.data?.results ?? NO_FIELDS;
  const rows = useMemo(
    () => (url.who ? all.filter((field) => isOurs(field) === (url.who === "ours")) : all),
    [all, url.who],
  );
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-3">
        <Link
          to={`/workflows/${workflow.id}/environments/${environmentId}`}
          className="inline-flex items-center gap-1 rounded-sm text-12 text-muted hover:text-text"
        >
          <ArrowLeft size={14} aria-hidden /> {environment?.name ?? "Environment"}
        </Link>
        <h2 className="text-14 font-semibold">Owners of fields</h2>
        <Segmented label="Whose fields" value={url.who as Who} onChange={(who) => setUrl({ who })} options={WHO} />
        <Button
          size="sm"
          className="ml-auto"
          icon={<RotateCw size={14} aria-hidden />}
          busy={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Ask the cluster
        </Button>
      </header>
      <div className="flex min-h-0 flex-1 flex-col bg-surface">
        {query.isPending ? (
          <SkeletonRows rows={8} />
        ) : query.error ? (
          <ErrorState
            title="The owners could not be asked for"
            {...explain(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : rows.length === 0 ? (
          <EmptyState title={url.who ? "No such fields" : "Nothing is applied here"}>
            Each field of an object in the cluster belongs to whoever set it last.
          </EmptyState>
        ) : (
          <LocalTable
            name="search"
            className="max-h-full"
            label="Owners of fields"
            noun={["field", "fields"]}
            rows={rows}
            columns={COLUMNS}
            rowKey={(field) => `${refKey(field.ref)} ${field.path} ${field.manager} ${field.subresource}`}
            defaultSort="object"
            texts={({ ref, path, manager, known }) => [ref.kind, ref.name, path, manager, known.name]}
            isCut={!query.data.complete}
            footnote={
              query.data.left_out > 0 && <span>{plural(query.data.left_out, "object")} could not be looked at</span>
            }
          />
        )}
      </div>
    </>
  );
}

const COLUMNS: readonly LocalColumn<OwnedField>[] = [
  {
    id: "object",
    header: "Object",
    width: "minmax(130px, 1fr)",
    by: ({ ref, path }) => `${ref.kind} ${ref.name} ${path}`,
    cell: ({ ref }) => (
      <span className="flex min-w-0 items-center gap-2" title={`${ref.kind} ${ref.name}`}>
        <KindIcon kind={ref.kind} className="shrink-0 text-muted" />
        <span className="min-w-0 truncate font-mono text-12">{ref.name}</span>
      </span>
    ),
  },
  {
    id: "field",
    header: "Field",
    width: "minmax(160px, 2.4fr)",
    by: ({ path }) => path,
    cell: ({ path }) => (
      // Paths differ in their ends.
      <span
        className="min-w-0 font-mono text-12 text-muted max-sm:line-clamp-2 max-sm:text-11 max-sm:leading-4 max-sm:break-all sm:truncate"
        title={path}
      >
        {path}
      </span>
    ),
  },
  {
    id: "owner",
    header: "Owner",
    width: "minmax(110px, 1fr)",
    by: ({ known }) => known.name,
    cell: (field) => (
      <span className={isOurs(field) ? "truncate text-muted" : "truncate font-medium"} title={field.manager}>
        {field.known.name || field.manager}
        {field.subresource && <span className="text-12 text-faint"> via {field.subresource}</span>}
      </span>
    ),
  },
  {
    id: "run",
    header: "By run",
    from: 860,
    width: "minmax(120px, 1fr)",
    by: ({ run }) => run?.number ?? 0,
    cell: ({ run, built }) =>
      run ? (
        <Link
          to={`/runs/${run.id}`}
          tabIndex={-1}
          className="min-w-0 truncate rounded-sm text-12 hover:underline"
          title={built ? sayBuilt(built) : undefined}
        >
          #{run.number} v{run.version} <span className="text-muted">{run.by.name}</span>
          {built?.commit && <span className="font-mono text-muted"> {shortCommit(built.commit)}</span>}
        </Link>
      ) : (
        <span className="text-faint">–</span>
      ),
  },
  {
    id: "at",
    header: "Set",
    from: 620,
    width: "108px",
    by: timeOf,
    cell: ({ at }) => <RelativeTime at={at} className="text-12 text-muted" />,
  },
];
