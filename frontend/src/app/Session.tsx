import { useEffect } from "react";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router";
import { onSignedOut } from "@/api";
import { explain, sessionKey, useSession } from "@/product";
import { resetLive } from "@/realtime";
import { ErrorState } from "@/ui";
import { queryClient } from "./queryClient";
import { Shell } from "./Shell";

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
  const { search, pathname } = useLocation();
  if (session.isPending) return <Booting />;
  if (session.error && !session.data) return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  if (session.data?.user) return <Navigate to={wanted(search)} replace />;
  if (session.data?.signup === "first" && pathname === "/login") return <Navigate to={`/register${search}`} replace />;
  return <Outlet />;
}

/** All other pages: the shell around them, or a redirect to the sign-in. */
export function SignedIn() {
  const session = useSession();
  const location = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    onSignedOut(() => {
      resetLive();
      void queryClient.resetQueries({ queryKey: sessionKey });
    });
  }, [navigate]);
  if (session.isPending) return <Booting />;
  if (session.error && !session.data) return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  const user = session.data?.user;
  if (!user) {
    const next = location.pathname === "/" ? "" : `?next=${encodeURIComponent(location.pathname + location.search)}`;
    return <Navigate to={`/login${next}`} replace />;
  }
  return <Shell user={user} />;
}
