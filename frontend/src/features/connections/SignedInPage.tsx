import { LogIn } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { explain } from "@/product";
import { EmptyState, ErrorState, LinkButton, useCrumbs } from "@/ui";
import { useFinishSignIn } from "./queries";
import { refusalWords } from "./signInWords";

/** What a git server leads back to: what it says is taken once, and the connection is shown. */
export default function SignedInPage() {
  useCrumbs({ label: "Git connections", to: "/git-connections" }, { label: "Sign-in" });
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const { mutate, error } = useFinishSignIn();
  const state = params.get("state") ?? "";
  const code = params.get("code") ?? "";
  const refusal = code ? null : refusalWords(params.get("error"));
  const isSent = useRef(false);
  useEffect(() => {
    if (refusal || isSent.current) return;
    isSent.current = true; // it is of use once alone
    mutate(
      { state, code },
      { onSuccess: ({ id }) => void navigate(`/git-connections?connection=${id}`, { replace: true }) },
    );
  }, [mutate, navigate, refusal, state, code]);
  const back = (
    <LinkButton tone="primary" to={`/git-connections?connection=${state.split(".")[0]}`}>
      To the connection
    </LinkButton>
  );
  if (refusal) return <ErrorState page title="Nobody was signed in" reason={refusal} action={back} />;
  if (error) {
    const { reason, details } = explain(error);
    return <ErrorState page title="Nobody was signed in" reason={reason} details={details} action={back} />;
  }
  return (
    <EmptyState page icon={<LogIn size={20} strokeWidth={1.5} aria-hidden />} title="Signing in">
      What the git server says is tried before it is stored.
    </EmptyState>
  );
}
