import { useState, type FormEvent } from "react";
import { Link, useLocation } from "react-router";
import { asProblem } from "@/api";
import { Button, ErrorState, Field, Input, PasswordInput, useCrumbs } from "@/ui";
import { AuthFrame } from "./AuthFrame";
import { useResetPassword } from "./queries";

const MIN_PASSWORD = 8;

/** Sets a new password with a code from an administrator. */
export default function ResetPage() {
  useCrumbs({ label: "Set a new password" });
  const { search } = useLocation();
  const linked = new URLSearchParams(search).get("code") ?? "";
  const reset = useResetPassword();
  const [code, setCode] = useState(linked);
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<{ code?: string; password?: string }>({});
  const problem = reset.error ? asProblem(reset.error) : null;
  const summary = problem?.besides(["code", "new_password"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks = {
      code: code.trim() ? undefined : "Enter the code that an administrator gave you.",
      password: password.length < MIN_PASSWORD ? `Use at least ${MIN_PASSWORD} characters.` : undefined,
    };
    setMissing(lacks);
    if (!lacks.code && !lacks.password) reset.mutate({ code: code.trim(), new_password: password });
  };
  if (reset.isSuccess)
    return (
      <AuthFrame title="Your password is set" lead="All sessions and tokens of the account have ended.">
        <Link to="/login" className="rounded-sm text-13 font-medium text-accent-text hover:underline">
          Sign in
        </Link>
      </AuthFrame>
    );
  return (
    <AuthFrame
      title="Set a new password"
      lead="An administrator of this server can give you a code for it."
      foot={
        <Link to="/login" className="rounded-sm font-medium text-accent-text hover:underline">
          Back to sign-in
        </Link>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {problem && summary && (
          <ErrorState
            inline
            title="The password was not set"
            reason={summary}
            details={problem.status >= 500 || problem.status === 0 ? problem.describe() : undefined}
          />
        )}
        <Field label="Code" required error={missing.code ?? problem?.of("code")}>
          <Input mono name="code" autoFocus={!linked} value={code} onChange={(event) => setCode(event.target.value)} />
        </Field>
        <Field
          label="New password"
          required
          help={`${MIN_PASSWORD}+ characters; a passphrase works well.`}
          error={missing.password ?? problem?.of("new_password")}
        >
          <PasswordInput
            name="new-password"
            autoComplete="new-password"
            autoFocus={Boolean(linked)}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <Button type="submit" tone="primary" size="lg" busy={reset.isPending} className="mt-1 w-full">
          Set the password
        </Button>
      </form>
    </AuthFrame>
  );
}
