import { useState, type FormEvent } from "react";
import { Link, useLocation } from "react-router";
import { asProblem } from "@/api";
import type { SignupMode } from "@/contract";
import { useSession } from "@/product";
import { Button, ErrorState, Field, Input, PasswordInput, useCrumbs } from "@/ui";
import { AuthFrame } from "./AuthFrame";
import { useRegister } from "./queries";

const WORDS: Record<SignupMode, { title: string; lead: string }> = {
  first: {
    title: "Set up KubeOrch",
    lead: "The first account is the administrator. A sample workflow is ready for you.",
  },
  invite: { title: "Create an account", lead: "You need an invite to join. Ask an administrator for one." },
  open: { title: "Create an account", lead: "Anyone who can reach this page can join." },
};
const MIN_PASSWORD = 8;
const FIELDS = ["email", "password", "name", "invite_code"];

export default function RegisterPage() {
  useCrumbs({ label: "Create an account" });
  const { search } = useLocation();
  const invited = new URLSearchParams(search).has("code");
  const mode = useSession().data?.signup ?? "invite";
  const register = useRegister();
  const [form, setForm] = useState({
    name: "",
    email: "",
    password: "",
    invite_code: new URLSearchParams(search).get("code") ?? "",
  });
  const [missing, setMissing] = useState<Partial<Record<keyof typeof form, string>>>({});
  const problem = register.error ? asProblem(register.error) : null;
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((before) => ({ ...before, [field]: event.target.value }));
  const errorOf = (field: keyof typeof form) => missing[field] ?? problem?.of(field);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks: typeof missing = {};
    if (!/^\S+@\S+$/.test(form.email.trim())) lacks.email = "Enter an e-mail address.";
    if (form.password.length < MIN_PASSWORD) lacks.password = `Use at least ${MIN_PASSWORD} characters.`;
    if (mode === "invite" && !form.invite_code.trim()) lacks.invite_code = "Enter your invite code.";
    setMissing(lacks);
    if (Object.keys(lacks).length > 0) return;
    const { invite_code, ...person } = form;
    register.mutate({
      ...person,
      email: form.email.trim(),
      name: form.name.trim(),
      ...(invite_code.trim() ? { invite_code: invite_code.trim() } : {}),
    });
  };
  const summary = problem?.besides(FIELDS);
  return (
    <AuthFrame
      title={WORDS[mode].title}
      lead={mode === "invite" && invited ? "You are invited. Create an account to join the team." : WORDS[mode].lead}
      foot={
        mode !== "first" && (
          <>
            Already registered?{" "}
            <Link to={`/login${search}`} className="rounded-sm font-medium text-accent-text hover:underline">
              Sign in
            </Link>
          </>
        )
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {problem && summary && (
          <ErrorState
            inline
            title="The account was not created"
            reason={summary}
            details={problem.status >= 500 || problem.status === 0 ? problem.describe() : undefined}
          />
        )}
        {mode === "invite" && (
          <Field label="Invite code" required error={errorOf("invite_code")}>
            <Input
              mono
              name="invite_code"
              value={form.invite_code}
              onChange={set("invite_code")}
              autoFocus={!form.invite_code}
            />
          </Field>
        )}
        <Field label="Name" help="Your team sees it next to your changes." error={errorOf("name")}>
          <Input
            name="name"
            autoComplete="name"
            value={form.name}
            onChange={set("name")}
            autoFocus={mode !== "invite"}
          />
        </Field>
        <Field label="E-mail" required error={errorOf("email")}>
          <Input type="email" name="email" autoComplete="username" value={form.email} onChange={set("email")} />
        </Field>
        <Field
          label="Password"
          required
          help={`${MIN_PASSWORD}+ characters; a passphrase works well.`}
          error={errorOf("password")}
        >
          <PasswordInput name="password" autoComplete="new-password" value={form.password} onChange={set("password")} />
        </Field>
        <Button type="submit" tone="primary" size="lg" busy={register.isPending} className="mt-1 w-full">
          {mode === "first" ? "Create administrator" : "Create account"}
        </Button>
      </form>
    </AuthFrame>
  );
}
