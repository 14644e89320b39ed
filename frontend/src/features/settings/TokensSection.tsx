import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { ApiToken } from "@/contract";
import { explain } from "@/product";
import {
  Button,
  Card,
  CodeView,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  Field,
  FormDialog,
  Input,
  RelativeTime,
  Select,
  SkeletonRows,
  Tag,
} from "@/ui";
import { useCreateToken, useDeleteToken, useTokens } from "./queries";

export function TokensSection() {
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<ApiToken | null>(null);
  const rows = tokens.data?.results ?? [];
  const create = (
    <Button size="sm" tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <>
      <Card
        title="Tokens for scripts"
        description="A token acts as you. It is shown once, stored hashed, and ends by itself."
        actions={rows.length > 0 && create}
        padded={false}
      >
        {tokens.isPending ? (
          <SkeletonRows rows={2} />
        ) : tokens.error ? (
          <ErrorState
            title="Tokens could not be loaded"
            {...explain(tokens.error)}
            onRetry={() => void tokens.refetch()}
          />
        ) : rows.length === 0 ? (
          <EmptyState
            icon={<KeyRound size={20} strokeWidth={1.5} aria-hidden />}
            title="No tokens"
            action={create}
            className="py-10"
          >
            Scripts and pipelines sign in with a token instead of your password.
          </EmptyState>
        ) : (
          <ul>
            {rows.map((token) => (
              <li
                key={token.id}
                className="flex min-h-12 items-center gap-3 border-b border-line px-4 py-2 last:border-b-0"
              >
                <div className="min-w-0 flex-1">
                  <p className="flex min-w-0 items-center gap-2">
                    <span className="truncate text-13 font-medium">{token.name}</span>
                    <Tag mono>{token.hint}…</Tag>
                  </p>
                  <p className="flex flex-wrap gap-x-3 text-12 text-muted">
                    <span>
                      ends <RelativeTime at={token.expires_at} />
                    </span>
                    <span>
                      {token.last_used_at ? (
                        <>
                          used <RelativeTime at={token.last_used_at} />
                        </>
                      ) : (
                        "never used"
                      )}
                    </span>
                  </p>
                </div>
                <Button size="sm" tone="danger-ghost" onClick={() => setDoomed(token)}>
                  End
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {making && <NewTokenDialog onClose={() => setMaking(false)} />}
      {doomed && <EndTokenDialog token={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

const DAYS = [7, 30, 90, 365];

function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name", "expires_in_days"]);
  if (create.data)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title="Copy the token now"
        description="It is not shown again."
        footer={
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <CodeView label="Token" code={create.data.token} wrap />
        <Field label="Try it">
          <CodeView
            label="Command"
            wrap
            code={`curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}/api/v1/workflows`}
          />
        </Field>
      </Dialog>
    );
  return (
    <FormDialog
      size="sm"
      title="New token"
      onSubmit={() => name.trim() && create.mutate({ name: name.trim(), expires_in_days: Number(days) })}
      submit="Create token"
      busy={create.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "No token was made", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required help="What it is for." error={problem?.of("name")}>
        <Input
          autoFocus
          maxLength={100}
          value={name}
          placeholder="release pipeline"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Ends after" error={problem?.of("expires_in_days")}>
        <Select
          value={days}
          onChange={setDays}
          options={DAYS.map((each) => ({ value: String(each), label: `${each} days` }))}
        />
      </Field>
    </FormDialog>
  );
}

function EndTokenDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const remove = useDeleteToken();
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`End ${token.name}`}
      confirmLabel="End token"
      busy={remove.isPending}
      onConfirm={() => remove.mutate(token.id, { onSuccess: onClose })}
      removed={["Access of every script that uses it, at once"]}
      kept={["What the scripts have made"]}
      error={
        problem && <ErrorState inline title="Not ended" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
