import { useState, type FormEvent } from "react";
import { asProblem } from "@/api";
import { Button, Card, ErrorState, Field, PasswordInput } from "@/ui";
import { useChangePassword } from "./queries";

const EMPTY = { current_password: "", new_password: "", again: "" };
const MIN_PASSWORD = 8;

export function PasswordSection() {
  const change = useChangePassword();
  const [form, setForm] = useState(EMPTY);
  const [missing, setMissing] = useState<Partial<typeof EMPTY>>({});
  const problem = change.error ? asProblem(change.error) : null;
  const summary = problem?.besides(["current_password", "new_password"]);
  const set = (field: keyof typeof EMPTY) => (event: { target: { value: string } }) =>
    setForm((before) => ({ ...before, [field]: event.target.value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks: typeof missing = {};
    if (!form.current_password) lacks.current_password = "Enter your current password.";
    if (form.new_password.length < MIN_PASSWORD) lacks.new_password = `Use at least ${MIN_PASSWORD} characters.`;
    else if (form.again !== form.new_password) lacks.again = "The passwords do not match.";
    setMissing(lacks);
    if (Object.keys(lacks).length > 0) return;
    change.mutate(
      { current_password: form.current_password, new_password: form.new_password },
      { onSuccess: () => setForm(EMPTY) },
    );
  };
  return (
    <Card
      description="Changing it signs you out in other browsers and revokes your access tokens."
      title="Change password"
    >
      <form noValidate onSubmit={submit} className="flex max-w-110 flex-col gap-4">
        {problem && summary && (
          <ErrorState inline title="The password was not changed" reason={summary} details={problem.describe()} />
        )}
        <Field label="Current password" required error={missing.current_password ?? problem?.of("current_password")}>
          <PasswordInput
            autoComplete="current-password"
            value={form.current_password}
            onChange={set("current_password")}
          />
        </Field>
        <Field
          label="New password"
          required
          help={`${MIN_PASSWORD}+ characters; a passphrase works well.`}
          error={missing.new_password ?? problem?.of("new_password")}
        >
          <PasswordInput autoComplete="new-password" value={form.new_password} onChange={set("new_password")} />
        </Field>
        <Field label="Confirm new password" required error={missing.again}>
          <PasswordInput autoComplete="new-password" value={form.again} onChange={set("again")} />
        </Field>
        <div className="flex items-center gap-3">
          <Button type="submit" tone="primary" busy={change.isPending}>
            Change password
          </Button>
          {change.isSuccess && (
            <span role="status" className="text-12 text-ok">
              Changed
            </span>
          )}
        </div>
      </form>
    </Card>
  );
}
