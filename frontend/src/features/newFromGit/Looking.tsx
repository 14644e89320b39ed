import { TriangleAlert } from "lucide-react";
import type { Detection } from "@/contract";
import { sentence } from "@/model/words";
import { explain, useCancelDetection } from "@/product";
import { Button, EmptyState, ErrorState, LinkButton, ProgressBar } from "@/ui";

/** A repository that is being looked at, or could not be. */
export function Looking({ at }: { at: Detection }) {
  const cancel = useCancelDetection();
  const again = (label: string) => (
    <LinkButton to={`/from-git?corrects=${at.id}`} tone="primary">
      {label}
    </LinkButton>
  );
  if (at.state === "canceled")
    return (
      <EmptyState title="It was canceled" action={again("Look again")}>
        Nothing was kept of the repository.
      </EmptyState>
    );
  if (at.state === "failed")
    return (
      <EmptyState
        icon={<TriangleAlert size={20} strokeWidth={1.5} aria-hidden />}
        title="The repository could not be read"
        action={again("Correct the address")}
      >
        <span role="alert" className="break-words">
          {sentence(at.failure?.detail ?? "")}
        </span>
      </EmptyState>
    );
  const { progress } = at;
  return (
    <div className="flex max-w-200 flex-col gap-3 px-5">
      <p role="status" className="text-13">
        {sentence(progress?.text ?? "waiting for its turn")}
      </p>
      <ProgressBar
        label="Looking at the repository"
        value={progress?.total ? (progress.done ?? 0) / progress.total : undefined}
      />
      {cancel.error && <ErrorState inline title="It was not canceled" {...explain(cancel.error)} />}
      <div>
        <Button busy={cancel.isPending} onClick={() => cancel.mutate(at.id)}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
