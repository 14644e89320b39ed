import { useRouteError } from "react-router";
import { explain } from "@/api";
import { ErrorState, LinkButton } from "@/ui";

/** A defect of the page itself: said plainly, with what a report needs. */
export function Crash({ inside = false }: { inside?: boolean }) {
  const error = useRouteError();
  const { details } = explain(error);
  // After an update of the server, the old page asks for files that are gone.
  const outdated = error instanceof Error && /dynamically imported module|Importing a module script/.test(error.message);
  const stack = error instanceof Error && error.stack ? `${details}\n\n${error.stack}` : details;
  return (
    <div className={inside ? "h-full overflow-auto" : "flex h-screen items-center justify-center"}>
      <ErrorState
        page
        title={outdated ? "KubeOrch was updated" : "This page stopped working"}
        reason={outdated ? "The part of the page that was asked for belongs to an older version." : "A defect in the page, not in your workflow. What you saved is safe."}
        cure="Reload the page."
        details={stack}
        onRetry={() => window.location.reload()}
        action={<LinkButton to="/workflows">Go to workflows</LinkButton>}
      />
    </div>
  );
}
