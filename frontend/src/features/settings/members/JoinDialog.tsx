import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Field, FormDialog, Input } from "@/ui";
import { useAcceptInvite } from "../queries";

export function JoinDialog({ onClose }: { onClose: () => void }) {
  const accept = useAcceptInvite();
  const [code, setCode] = useState("");
  const problem = accept.error ? asProblem(accept.error) : null;
  return (
    <FormDialog
      size="sm"
      title="Join a team"
      onSubmit={() => code.trim() && accept.mutate(code.trim(), { onSuccess: onClose })}
      submit="Join"
      busy={accept.isPending}
      disabled={!code.trim()}
      onClose={onClose}
    >
      <Field
        label="Invite code"
        required
        error={problem ? (problem.of("code") ?? sentence(problem.detail)) : undefined}
      >
        <Input autoFocus mono value={code} onChange={(event) => setCode(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
