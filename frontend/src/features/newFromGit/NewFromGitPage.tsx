import { useDetection } from "@/product";
import { PageHeader, SkeletonRows, useCrumbs, useUrlState } from "@/ui";
import { AddressForm } from "./AddressForm";

/** The first step: which repository. */
export default function NewFromGitPage() {
  useCrumbs({ label: "Workflows", to: "/workflows" }, { label: "New from git" });
  const [url] = useUrlState(["corrects"]);
  const before = useDetection(url.corrects);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader
        title="New from git"
        subtitle="A repository becomes a workflow that builds its images and runs them. It is read first; nothing in it runs before you build it."
      />
      {url.corrects && before.isPending ? (
        <SkeletonRows rows={3} />
      ) : (
        <AddressForm key={before.data?.id} before={before.data} />
      )}
    </div>
  );
}
