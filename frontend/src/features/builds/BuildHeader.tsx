import { Ban, Download, FolderGit2, Hammer, RotateCw } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { urlOf } from "@/api";
import type { BuildDetail } from "@/contract";
import { isBuilding, pushHost, shortCommit } from "@/model/buildWords";
import { covers, roleIn } from "@/model/roles";
import { plural, sentence } from "@/model/words";
import { explain, StatusPill, useCancelBuild, useSession, useStartBuild } from "@/product";
import { Button, CopyButton, Elapsed, ErrorState, LinkButton, PageHeader, RelativeTime } from "@/ui";
import { BaseImages } from "./BaseImages";
import { DrawnIn } from "./DrawnIn";
import { useSource } from "./queries";
import { SourceDialog } from "./SourceDialog";

/** The title of a build, what it has made, and its actions. */
export function BuildHeader({ build }: { build: BuildDetail }) {
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const cancel = useCancelBuild();
  const start = useStartBuild();
  const mayBuild = covers(roleIn(user, build.team_id), "editor");
  const isOpen = isBuilding(build);
  const asked = build.cancel_asked || cancel.isPending;
  const again = (no_cache: boolean) =>
    start.mutate(
      { sourceId: build.source_id, ref: build.ref, no_cache },
      { onSuccess: (made) => void navigate(`/builds/${made.id}`) },
    );
  const [isEditing, edit] = useState(false);
  const source = useSource(isEditing ? build.source_id : "");
  const failure = cancel.error ?? start.error ?? source.error;
  return (
    <>
      <PageHeader
        title={
          <>
            <Link to={`/builds?source=${build.source_id}`} className="rounded-sm font-mono hover:underline">
              {build.source_name}
            </Link>{" "}
            <span className="tnum font-normal text-muted">#{build.number}</span>
          </>
        }
        status={<StatusPill status={build.state} />}
        subtitle={
          <span className="flex flex-col gap-0.5">
            <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
              <span className="font-mono">{shortCommit(build) || build.ref || "default branch"}</span>
              {build.message && <span className="max-w-160 truncate">{build.message}</span>}
              {build.ref && build.commit && <span>of {build.ref}</span>}
              <RelativeTime at={build.created_at} />
              {build.started_at && (
                <span>
                  {isOpen ? "running " : "took "}
                  <Elapsed from={build.started_at} to={build.ended_at} />
                </span>
              )}
              {build.attempt > 1 && <span>{plural(build.attempt, "attempt")}</span>}
              {build.no_cache && <span>without cache</span>}
            </span>
            {build.digest && (
              <span className="flex min-w-0 items-center gap-1">
                <span className="min-w-0 truncate font-mono">
                  {build.image}@{build.digest}
                </span>
                {!build.image_removed_at && (
                  <CopyButton label="Copy the image" text={() => `${build.image}@${build.digest}`} />
                )}
              </span>
            )}
            {build.triggered_by === "push" && build.push && (
              <span className="wrap-anywhere">
                Started by a push{build.push.by && ` that ${pushHost(build.push)} says ${build.push.by} made`}.
              </span>
            )}
            {build.image_removed_at && (
              <span className="text-warn">
                Its image was removed from the registry
                {build.image_removed_by && ` by ${build.image_removed_by}`} <RelativeTime at={build.image_removed_at} />
                : no run takes it.
              </span>
            )}
            {build.bases.length > 0 && (
              <span className="flex min-w-0 gap-2">
                <span className="shrink-0">Built on</span>
                <BaseImages bases={build.bases} />
              </span>
            )}
            {build.state === "canceled" && build.canceled_by && (
              <span className="wrap-anywhere">
                Canceled by {build.canceled_by} <RelativeTime at={build.ended_at} />.
              </span>
            )}
            {build.answered_by && (
              <span>
                Nothing was built:{" "}
                <Link to={`/builds/${build.answered_by}`} className="rounded-sm text-accent-text hover:underline">
                  an earlier build
                </Link>{" "}
                has made the same image.
              </span>
            )}
            <DrawnIn build={build} />
            {isOpen && (build.position ?? 0) > 0 && <span>{plural(build.position ?? 0, "build")} before it.</span>}
            {isOpen && build.waiting && <span>{sentence(build.waiting)}</span>}
          </span>
        }
        actions={
          <>
            <LinkButton
              to={urlOf(`builds/${build.id}/logs`, { download: true })}
              reloadDocument
              icon={<Download size={14} aria-hidden />}
            >
              Download log
            </LinkButton>
            {mayBuild && isOpen && (
              <Button icon={<Ban size={14} aria-hidden />} busy={asked} onClick={() => cancel.mutate(build.id)}>
                {asked ? "Canceling" : "Cancel"}
              </Button>
            )}
            {mayBuild && !isOpen && (
              <>
                <Button
                  icon={<FolderGit2 size={14} aria-hidden />}
                  busy={isEditing && source.isPending}
                  onClick={() => edit(true)}
                >
                  Edit source
                </Button>
                <Button icon={<RotateCw size={14} aria-hidden />} busy={start.isPending} onClick={() => again(true)}>
                  Rebuild without cache
                </Button>
                <Button
                  tone="primary"
                  icon={<Hammer size={14} aria-hidden />}
                  busy={start.isPending}
                  onClick={() => again(false)}
                >
                  Build again
                </Button>
              </>
            )}
          </>
        }
      />
      {isEditing && source.data && <SourceDialog source={source.data} onClose={() => edit(false)} />}
      {failure && (
        <ErrorState
          inline
          className="mx-5 mb-3"
          title={cancel.error ? "Not canceled" : start.error ? "Not built" : "The source could not be loaded"}
          {...explain(failure)}
        />
      )}
    </>
  );
}
