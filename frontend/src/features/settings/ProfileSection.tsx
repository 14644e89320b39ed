import { useState, type FormEvent } from "react";
import { asProblem } from "@/api";
import type { User } from "@/contract";
import { Button, Card, ErrorState, Facts, Field, Input, PasswordInput, Tag } from "@/ui";
import { useChangePassword, useSaveProfile } from "./queries";

export function ProfileSection({ user }: { user: User }) {
  const save = useSaveProfile();
  const [name, setName] = useState(user.name);
  const problem = save.error ? asProblem(save.error) : null;
  const summary = problem?.besides(["name"]);
  const changed = name.trim() !== user.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) save.mutate({ name: name.trim() });
  };
  return (
    <>
      <Card>
        <form noValidate onSubmit={submit} className="flex max-w-110 flex-col gap-4">
          {problem && summary && <ErrorState inline title="Not saved" reason={summary} details={problem.describe()} />}
          <Field label="Name" help="Shown beside what you change and run." error={problem?.of("name")}>
            <Input autoComplete="name" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
          <Field label="E-mail" help="You sign in with it.">
            <Input readOnly value={user.email} />
          </Field>
          <div className="flex items-center gap-3">
            <Button type="submit" tone="primary" busy={save.isPending} disabled={!changed}>
              Save
            </Button>
            {save.isSuccess && !changed && (
              <span role="status" className="text-12 text-ok">
                Saved
              </span>
            )}
          </div>
        </form>
      </Card>
      <Card title="Your teams" description="A team owns its workflows and clusters; the role says what you may do.">
        {user.teams.length === 0 ? (
          <p className="text-13 text-muted">You are in no team yet. Ask an administrator for an invitation.</p>
        ) : (
          <Facts
            rows={user.teams.map((team) => [team.name, <Tag key={team.id}>{team.role ?? "no role"}</Tag>] as const)}
          />
        )}
      </Card>
    </>
  );
}

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
    if (form.new_password.length < MIN_PASSWORD) lacks.new_password = `Use ${MIN_PASSWORD} characters or more.`;
    else if (form.again !== form.new_password) lacks.again = "The two differ.";
    setMissing(lacks);
    if (Object.keys(lacks).length > 0) return;
    change.mutate(
      { current_password: form.current_password, new_password: form.new_password },
      { onSuccess: () => setForm(EMPTY) },
    );
  };
  return (
    <Card
      description="Changing it signs out your other browsers and ends your access tokens."
      title="Change your password"
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
          help={`${MIN_PASSWORD} characters or more; a sentence is good.`}
          error={missing.new_password ?? problem?.of("new_password")}
        >
          <PasswordInput autoComplete="new-password" value={form.new_password} onChange={set("new_password")} />
        </Field>
        <Field label="New password again" required error={missing.again}>
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
