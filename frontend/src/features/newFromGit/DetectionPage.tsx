import { useParams } from "react-router";
import { asProblem } from "@/api";
import { explain, useFollowedDetection } from "@/product";
import { ErrorState, LinkButton, PageHeader, SkeletonRows, useCrumbs } from "@/ui";
import { Apps } from "./Apps";
import { Commit } from "./Commit";
import { Looking } from "./Looking";

/** What was found in a repository, and the workflow that is made of it. */
export default function DetectionPage() {
  const { detectionId = "" } = useParams();
  useCrumbs({ label: "Workflows", to: "/workflows" }, { label: "New from git", to: "/from-git" }, { label: "Found" });
  const { data: found, error, isPending, refetch } = useFollowedDetection(detectionId);
  if (isPending) return <SkeletonRows className="pt-16" />;
  if (!found) {
    const isGone = asProblem(error).status === 404;
    return (
      <ErrorState
        page
        className="flex-1"
        title={isGone ? "There is nothing here any more" : "What was found could not be loaded"}
        {...(isGone ? { reason: "What was found in a repository is kept for a week." } : explain(error))}
        onRetry={isGone ? undefined : () => void refetch()}
        action={<LinkButton to="/from-git">New from git</LinkButton>}
      />
    );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <PageHeader title="New from git" subtitle={<Commit of={found} />} />
      {found.state === "succeeded" ? <Apps key={found.id} of={found} /> : <Looking at={found} />}
    </div>
  );
}
