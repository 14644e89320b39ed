import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { onSignedOut } from "@/api";
import type { User } from "@/contract";
import { explain, onSignedOutElsewhere, sessionKey, useForgottenFiles, useSession } from "@/product";
import { useConnection } from "@/realtime";
import { ErrorState } from "@/ui";
import { queryClient } from "./queryClient";
import { Shell } from "./Shell";
import { SignInAgain } from "./SignInAgain";

function Booting() {
  return (
    <div role="status" aria-label="Loading KubeOrch" className="flex h-screen items-center justify-center">
      <span className="animate-shimmer size-8 rounded-card bg-active" />
    </div>
  );
}

function Unreachable({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <main className="flex h-screen items-center justify-center">
      <ErrorState page title="KubeOrch does not respond" {...explain(error)} onRetry={retry} />
    </main>
  );
}

/** The page that was asked for before the sign-in; only paths of our own. */
function wanted(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return next.startsWith("/") && !next.startsWith("//") ? next : "/workflows";
}

/** The pages for people who are not signed in. */
export function Guest() {
  const session = useSession();
  useForgottenFiles(session.data);
  const { search, pathname } = useLocation();
  if (session.isPending) return <Booting />;
  if (session.error && !session.data) return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  if (session.data?.user) return <Navigate to={wanted(search)} replace />;
  if (session.data?.signup === "first" && pathname === "/login") return <Navigate to={`/register${search}`} replace />;
  return <Outlet />;
}

/**
 * All other pages: the shell around them, or a redirect to the sign-in. Where the session ends meanwhile, the page stays
 * with what was typed into it, behind a sign-in.
 */
export function SignedIn() {
  const session = useSession();
  useForgottenFiles(session.data);
  const location = useLocation();
  const [last, setLast] = useState<User | null>(null);
  const isRefused = useConnection((connection) => connection.type === "waiting" && connection.isRefused);
  useEffect(() => {
    return onSignedOut(askWhoIsSignedIn);
  }, []);
  useEffect(() => {
    return onSignedOutElsewhere(askWhoIsSignedIn);
  }, []);
  useEffect(() => {
    if (isRefused) askWhoIsSignedIn();
  }, [isRefused]);
  const user = session.data?.user ?? null;
  const isSomebodyElse = user !== null && last !== null && user.id !== last.id;
  useEffect(() => {
    // Signed in as another person in another tab: nothing of this page is theirs.
    if (isSomebodyElse) window.location.reload();
  }, [isSomebodyElse]);
  if (session.isPending || isSomebodyElse) return <Booting />;
  if (session.error && !session.data) return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  if (user && user !== last) setLast(user);
  const shown = user ?? last;
  if (!shown) {
    const next = location.pathname === "/" ? "" : `?next=${encodeURIComponent(location.pathname + location.search)}`;
    return <Navigate to={`/login${next}`} replace />;
  }
  return (
    <>
      <Shell user={shown} />
      {!user && <SignInAgain user={shown} />}
    </>
  );
}

/** Many requests may be refused at once: one question answers them all. */
const askWhoIsSignedIn = (): void =>
  void queryClient.refetchQueries({ queryKey: sessionKey }, { cancelRefetch: false });
