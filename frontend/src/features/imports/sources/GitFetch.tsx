import type { Import } from "@/contract";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { Button, EmptyState, ErrorState, LinkButton, ProgressBar } from "@/ui";
import { useCancelImport } from "../queries";

/** An import on its way: how far its fetch is, and a way to end it. */
export function GitFetch({ found, mayEdit }: { found: Import; mayEdit: boolean }) {
  const cancel = useCancelImport(found.id);
  if (found.state === "canceled")
    return (
      <EmptyState
        title="The fetch was canceled"
        action={
          <LinkButton to={`/imports/new?from=${found.source.type}&corrects=${found.id}`}>Import again</LinkButton>
        }
      >
        Nothing of it was kept.
      </EmptyState>
    );
  const { progress } = found;
  const share = progress?.total ? (progress.done ?? 0) / progress.total : undefined;
  return (
    <div className="flex max-w-200 flex-col gap-3 px-5">
      <p role="status" className="text-13">
        {sentence(progress?.text ?? "waiting for its turn")}
      </p>
      <ProgressBar label="Fetch" value={share} />
      {cancel.error && <ErrorState inline title="It was not canceled" {...explain(cancel.error)} />}
      {mayEdit && (
        <div>
          <Button busy={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
            Cancel
          </Button>
        </div>
      )}
    </div>
  );
}
