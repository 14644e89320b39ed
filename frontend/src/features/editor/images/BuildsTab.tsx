import { Ban, Hammer, Pin, PinOff, RotateCw } from "lucide-react";
import { Link } from "react-router";
import type { Build, Source } from "@/contract";
import { isBuilding, shortCommit, shortDigest } from "@/model/buildWords";
import { setParameter } from "@/model/edits";
import type { NodeRecord } from "@/model/records";
import { covers, roleIn } from "@/model/roles";
import {
  explain,
  StatusGlyph,
  useCancelBuild,
  useSession,
  useSourceBuilds,
  useSourceNamed,
  useStartBuild,
  useWorkflow,
} from "@/product";
import { Button, EmptyState, ErrorState, IconButton, LinkButton, RelativeTime, SkeletonRows } from "@/ui";
import { useDocument, useEditor } from "../state/session";

const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "");

/** The builds of the source that a node names: build now, or again without cache, and which build runs take. */
export function BuildsTab({ node }: { node: NodeRecord }) {
  const name = textOf(node.parameters.source);
  const teamId = useWorkflow(useEditor().workflowId).data?.team.id ?? "";
  const source = useSourceNamed(teamId, name);
  if (name === "") return <EmptyState title="No source chosen">Choose a source in the form.</EmptyState>;
  if (name.includes("${"))
    return <EmptyState title="The source is a variable">Each environment says which source it is.</EmptyState>;
  if (source.error)
    return (
      <ErrorState
        title="The source could not be loaded"
        {...explain(source.error)}
        onRetry={() => void source.refetch()}
      />
    );
  if (source.data === undefined) return <SkeletonRows rows={4} />;
  if (source.data === null)
    return (
      <EmptyState title={`Your team has no source called “${name}”`}>
        <LinkButton to="/builds/sources?new=1">Add a source</LinkButton>
      </EmptyState>
    );
  return <OfSource source={source.data} node={node} />;
}

function OfSource({ source, node }: { source: Source; node: NodeRecord }) {
  const builds = useSourceBuilds(source.id);
  const mayBuild = covers(roleIn(useSession().data?.user, source.team.id), "editor");
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="min-w-0">
        <Link
          to={`/builds/sources?q=${encodeURIComponent(source.name)}`}
          className="rounded-sm font-mono text-13 font-medium break-all hover:underline"
        >
          {source.name}
        </Link>
        <p className="font-mono text-12 break-all text-muted">
          {source.repository}
          {source.ref && ` ${source.ref}`}
          {source.root && `, ${source.root}`}
        </p>
      </div>
      {mayBuild && <Actions source={source} />}
      {builds.error && <ErrorState inline title="Builds could not be loaded" {...explain(builds.error)} />}
      {!builds.data && !builds.error && <SkeletonRows rows={4} />}
      {builds.data?.results.length === 0 && (
        <p className="text-13 text-muted">Nothing was built yet. A run needs an image.</p>
      )}
      {builds.data && builds.data.results.length > 0 && (
        <ul aria-label="Builds" className="rounded-card border border-line bg-surface">
          {builds.data.results.map((build) => (
            <li key={build.id} className="border-b border-line px-3 py-2 last:border-b-0">
              <Row build={build} node={node} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Actions({ source }: { source: Source }) {
  const start = useStartBuild();
  const cancel = useCancelBuild();
  const last = source.last_build;
  const failure = start.error ?? cancel.error;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {last && isBuilding(last) ? (
          <Button
            icon={<Ban size={14} aria-hidden />}
            busy={cancel.isPending || last.cancel_asked}
            onClick={() => cancel.mutate(last.id)}
          >
            Cancel build #{last.number}
          </Button>
        ) : (
          <>
            <Button
              tone="primary"
              icon={<Hammer size={14} aria-hidden />}
              busy={start.isPending}
              onClick={() => start.mutate({ sourceId: source.id })}
            >
              Build
            </Button>
            <Button
              icon={<RotateCw size={14} aria-hidden />}
              busy={start.isPending}
              onClick={() => start.mutate({ sourceId: source.id, no_cache: true })}
            >
              Without cache
            </Button>
          </>
        )}
      </div>
      {failure && <ErrorState inline title={cancel.error ? "Not canceled" : "Not built"} {...explain(failure)} />}
    </>
  );
}

/** One build; of one that succeeded, whether runs take just it. */
function Row({ build, node }: { build: Build; node: NodeRecord }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const pin = textOf(node.parameters.pin).replace(/^#/, "");
  const isPinned = pin !== "" && (pin === `${build.number}` || pin === build.digest);
  const write = (value: string | undefined): void => {
    const { document, apply } = session.document.getState();
    apply(setParameter(document, { type: "node", id: node.id }, ["pin"], value));
  };
  return (
    <div className="flex min-w-0 items-start gap-2.5">
      <span className="mt-0.5 shrink-0">
        <StatusGlyph status={build.state} word={false} size={15} />
      </span>
      <div className="min-w-0 flex-1 text-12">
        <p className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <Link to={`/builds/${build.id}`} className="tnum rounded-sm font-medium hover:underline">
            #{build.number}
          </Link>
          <span className="font-mono text-muted">{shortCommit(build) || build.ref || "default branch"}</span>
          <RelativeTime at={build.created_at} className="text-muted" />
          {isPinned && <span className="text-accent-text">pinned</span>}
        </p>
        {build.message && <p className="truncate text-muted">{build.message}</p>}
        {build.digest && (
          <p className="truncate font-mono text-muted" title={build.digest}>
            {shortDigest(build.digest)}
          </p>
        )}
      </div>
      {!readOnly && build.state === "succeeded" && (
        <IconButton
          size="sm"
          label={isPinned ? "Let runs take the newest build" : `Let runs take build #${build.number} only`}
          onClick={() => write(isPinned ? undefined : `${build.number}`)}
        >
          {isPinned ? <PinOff size={14} aria-hidden /> : <Pin size={14} aria-hidden />}
        </IconButton>
      )}
    </div>
  );
}
