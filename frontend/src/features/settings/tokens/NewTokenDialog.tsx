import { useState } from "react";
import { asProblem } from "@/api";
import type { TokenScope } from "@/contract";
import { CodeView, DoneDialog, Field, FormDialog, Input, Select } from "@/ui";
import { useCreateToken } from "../queries";
import { SCOPES } from "./scopes";

const DAYS = [7, 30, 90, 365];

export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [scope, setScope] = useState<TokenScope>("run");
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name", "expires_in_days", "scope"]);
  if (create.data)
    return (
      <DoneDialog onClose={onClose} title="Copy the token now" description="It is not shown again.">
        <CodeView label="Token" code={create.data.token} wrap />
        <Field label="Try it">
          <CodeView
            label="Command"
            wrap
            code={`curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}/api/v1/workflows`}
          />
        </Field>
      </DoneDialog>
    );
  return (
    <FormDialog
      size="sm"
      title="New token"
      onSubmit={() => name.trim() && create.mutate({ name: name.trim(), expires_in_days: Number(days), scope })}
      submit="Create token"
      busy={create.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={
        problem && summary && { title: "The token was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Name" required help="What the token is for." error={problem?.of("name")}>
        <Input
          autoFocus
          maxLength={100}
          value={name}
          placeholder="release pipeline"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Scope" help={SCOPES.find((each) => each.value === scope)?.hint} error={problem?.of("scope")}>
        <Select value={scope} onChange={setScope} options={SCOPES} />
      </Field>
      <Field label="Expires after" error={problem?.of("expires_in_days")}>
        <Select
          value={days}
          onChange={setDays}
          options={DAYS.map((each) => ({ value: String(each), label: `${each} days` }))}
        />
      </Field>
    </FormDialog>
  );
}
