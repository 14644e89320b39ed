import { useState, type FormEvent } from "react";
import { Link, useLocation } from "react-router";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Button, ErrorState, Field, Input, PasswordInput, useCrumbs } from "@/ui";
import { AuthFrame } from "./AuthFrame";
import { useSignIn } from "./queries";

export default function LoginPage() {
  useCrumbs({ label: "Sign in" });
  const { search } = useLocation();
  const login = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});
  const problem = login.error ? asProblem(login.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks = {
      email: email.trim() ? undefined : "Enter your e-mail address.",
      password: password ? undefined : "Enter your password.",
    };
    setMissing(lacks);
    if (!lacks.email && !lacks.password) login.mutate({ email: email.trim(), password });
  };
  return (
    <AuthFrame
      title="Sign in"
      foot={
        <>
          No account?{" "}
          <Link to={`/register${search}`} className="rounded-sm font-medium text-accent-text hover:underline">
            Create one
          </Link>
          {" · "}
          <Link to="/reset" className="rounded-sm font-medium text-accent-text hover:underline">
            Forgot the password?
          </Link>
        </>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {problem && (
          <ErrorState
            inline
            title={problem.status === 401 || problem.code.startsWith("auth.") ? "Not signed in" : "Sign-in failed"}
            reason={problem.besides(["email", "password"]) ?? sentence(problem.detail)}
            details={problem.status >= 500 || problem.status === 0 ? problem.describe() : undefined}
          />
        )}
        <Field label="E-mail" error={missing.email ?? problem?.of("email")}>
          <Input
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Password" error={missing.password ?? problem?.of("password")}>
          <PasswordInput
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <Button type="submit" tone="primary" size="lg" busy={login.isPending} className="mt-1 w-full">
          Sign in
        </Button>
      </form>
    </AuthFrame>
  );
}
