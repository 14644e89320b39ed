import { useMutation } from "@tanstack/react-query";
import { Dialog as RadixDialog } from "radix-ui";
import { useRef, useState } from "react";
import { asProblem, signIn } from "@/api";
import type { User } from "@/contract";
import { resumeLive } from "@/realtime";
import { Button, ErrorState, Field, Form, Input, PasswordInput } from "@/ui";
import { queryClient } from "./queryClient";

/** Covers the page of a person whose session has ended, until the same person signs in again. */
export function SignInAgain({ user }: { user: User }) {
  const [password, setPassword] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const login = useMutation({
    mutationFn: signIn,
    onSuccess: () => {
      resumeLive();
      // Whatever was asked for meanwhile was refused.
      return queryClient.invalidateQueries();
    },
  });
  const problem = login.error ? asProblem(login.error) : null;
  const submit = () => {
    if (password && !login.isPending) login.mutate({ email: user.email, password });
  };
  return (
    <RadixDialog.Root open>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-80 bg-bg" />
        <RadixDialog.Content
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            field.current?.focus();
          }}
          onEscapeKeyDown={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
          className="fixed inset-0 z-80 flex flex-col items-center justify-center overflow-auto px-4 py-10 outline-none"
        >
          <div className="w-full max-w-90 rounded-card border border-line bg-surface p-6 shadow-1">
            <RadixDialog.Title className="text-20 font-semibold tracking-tight">
              Your session has ended
            </RadixDialog.Title>
            <RadixDialog.Description className="mt-1 text-13 text-muted">
              Sign in to go on where you were. What you typed is still there.
            </RadixDialog.Description>
            <Form onSubmit={submit} className="mt-5 flex flex-col gap-4">
              {problem && <ErrorState inline title="Not signed in" reason={problem.besides([])} />}
              <Field label="E-mail">
                <Input type="email" name="email" autoComplete="username" readOnly value={user.email} />
              </Field>
              <Field label="Password">
                <PasswordInput
                  name="password"
                  autoComplete="current-password"
                  ref={field}
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              </Field>
              <Button type="submit" tone="primary" size="lg" busy={login.isPending} className="mt-1 w-full">
                Sign in
              </Button>
            </Form>
          </div>
          <p className="mt-4 text-13 text-muted">
            Not {user.name || user.email}?{" "}
            <a href="/login" className="rounded-sm font-medium text-accent-text hover:underline">
              Sign in as somebody else
            </a>
          </p>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
