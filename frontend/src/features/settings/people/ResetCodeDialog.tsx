import { asProblem } from "@/api";
import type { Account } from "@/contract";
import { CodeView, DoneDialog, FormDialog, RelativeTime } from "@/ui";
import { useCreateResetCode } from "../queries";

/** Creates a link with which a person sets a new password. */
export function ResetCodeDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const create = useCreateResetCode();
  const problem = create.error ? asProblem(create.error) : null;
  const called = account.name || account.email;
  if (create.data)
    return (
      <DoneDialog
        onClose={onClose}
        title={`Send this link to ${called}`}
        description="Use a way that you trust: who has the link has the account. It works once and is not shown again."
      >
        <CodeView
          label="Link"
          wrap
          code={`${window.location.origin}/reset?code=${encodeURIComponent(create.data.code)}`}
        />
        <p className="text-12 text-muted">
          It expires <RelativeTime at={create.data.expires_at} />.
        </p>
      </DoneDialog>
    );
  return (
    <FormDialog
      size="sm"
      title={`New password for ${called}`}
      description="Creates a link to set a new password. The old one works until then; afterwards all sessions and tokens of the account end."
      onSubmit={() => create.mutate(account.id)}
      submit="Create link"
      busy={create.isPending}
      onClose={onClose}
      failure={
        problem && { title: "The link was not created", reason: problem.besides([]), details: problem.describe() }
      }
    />
  );
}
