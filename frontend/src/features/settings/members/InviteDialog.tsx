import { useState } from "react";
import { asProblem } from "@/api";
import type { Role } from "@/contract";
import { CodeView, DoneDialog, Field, FormDialog, Input, Select } from "@/ui";
import { useCreateInvite } from "../queries";
import { ROLE_OPTIONS } from "./roleOptions";

export function InviteDialog({ teamId, onClose }: { teamId: string; onClose: () => void }) {
  const create = useCreateInvite();
  const [role, setRole] = useState<Role>("editor");
  const [email, setEmail] = useState("");
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["email", "role"]);
  if (create.data)
    return (
      <DoneDialog onClose={onClose} title="Send this link" description="It works once and is not shown again.">
        <CodeView
          label="Link"
          wrap
          code={`${window.location.origin}/register?code=${encodeURIComponent(create.data.code)}`}
        />
        <Field label="Or the code alone" help="People who have an account enter it under “Join with a code”.">
          <CodeView label="Code" wrap code={create.data.code} />
        </Field>
      </DoneDialog>
    );
  return (
    <FormDialog
      size="sm"
      title="Invite someone"
      onSubmit={() => create.mutate({ team: teamId, role, ...(email.trim() ? { email: email.trim() } : {}) })}
      submit="Create invite"
      busy={create.isPending}
      onClose={onClose}
      failure={
        problem && summary && { title: "The invite was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Role" error={problem?.of("role")}>
        <Select value={role} onChange={setRole} options={ROLE_OPTIONS} />
      </Field>
      <Field
        label="E-mail"
        help="Only this address can use the invite. Leave empty to let anyone with the link join."
        error={problem?.of("email")}
      >
        <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
