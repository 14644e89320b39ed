import { useState, type FormEvent } from "react";
import { asProblem } from "@/api";
import type { User } from "@/contract";
import { Button, Card, ErrorState, Facts, Field, Input, Tag } from "@/ui";
import { useSaveProfile } from "./queries";

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
          <Field label="Name" help="Shown next to your changes and runs." error={problem?.of("name")}>
            <Input autoComplete="name" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
          <Field label="E-mail" help="You sign in with this address.">
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
      <Card title="Your teams" description="A team owns its workflows and clusters. Your role decides what you can do.">
        {user.teams.length === 0 ? (
          <p className="text-13 text-muted">You are not in a team yet. Ask an administrator for an invite.</p>
        ) : (
          <Facts
            rows={user.teams.map((team) => [team.name, <Tag key={team.id}>{team.role ?? "no role"}</Tag>] as const)}
          />
        )}
      </Card>
    </>
  );
}
