import { LogIn } from "lucide-react";
import { asProblem } from "@/api";
import type { GitConnection } from "@/contract";
import { Button, ErrorState } from "@/ui";
import { labelOf } from "./providers";
import { useBeginSignIn } from "./queries";

/** Of a connection that somebody signs in for: whether anybody is, and the way to the git server. */
export function SignInNote({ connection }: { connection: GitConnection }) {
  const begin = useBeginSignIn();
  if (!connection.oauth) return null;
  const isIn = connection.oauth.signed_in_at !== null;
  const problem = begin.error ? asProblem(begin.error) : null;
  return (
    <section aria-label="Sign-in" className="flex flex-col gap-3 rounded-card border border-line bg-surface p-3">
      <p className="text-13 text-muted">
        {isIn
          ? "What the sign-in has given is renewed by itself. Sign in again to read as another account."
          : connection.may_edit
            ? "Nobody is signed in. You are led to the git server and back; sign in there with the account that shall read."
            : "Nobody is signed in; an administrator of the team does that."}
      </p>
      {connection.oauth.has_left && (
        <p role="status" className="text-13 text-warn">
          {connection.oauth.signed_in_by || "Whoever signed in"} may not use this connection any more, and it still
          reads as their account. {connection.may_edit ? "Sign in" : "Have an administrator of the team sign in"} with
          another one.
        </p>
      )}
      {connection.may_edit && (
        <Button
          className="self-start"
          size="sm"
          tone={isIn ? undefined : "primary"}
          icon={<LogIn size={14} aria-hidden />}
          busy={begin.isPending || begin.isSuccess}
          onClick={() => begin.mutate(connection.id)}
        >
          {isIn ? "Sign in again" : `Sign in at ${labelOf(connection.provider)}`}
        </Button>
      )}
      {problem && <ErrorState inline title="The sign-in was not begun" reason={problem.besides([])} />}
    </section>
  );
}
