import { useEffect, useState } from "react";
import { useRouteError } from "react-router";
import { explain } from "@/product";
import { Button, ErrorState, LinkButton } from "@/ui";

/** The errors of browsers and the bundler when a part of the page is no longer served. */
const GONE = /dynamically imported module|Importing a module script|Unable to preload/;

/** A defect of the page itself, with the details a bug report needs. */
export function Crash({ inside = false }: { inside?: boolean }) {
  const error = useRouteError();
  const isOutdated = error instanceof Error && GONE.test(error.message);
  return (
    <div className={inside ? "h-full overflow-auto" : "flex h-screen items-center justify-center"}>
      {isOutdated ? <Outdated /> : <Defect error={error} />}
    </div>
  );
}

function Defect({ error }: { error: unknown }) {
  const { details } = explain(error);
  return (
    <ErrorState
      page
      title="This page stopped working"
      reason="A defect in the page, not in your workflow. What you saved is safe."
      cure="Reload the page."
      details={error instanceof Error && error.stack ? `${details}\n\n${error.stack}` : details}
      onRetry={() => window.location.reload()}
      action={<LinkButton to="/workflows">Go to workflows</LinkButton>}
    />
  );
}

/** A page that was just loaded is already the newest one: loading it again would never end. */
const JUST_LOADED_MS = 10_000;

/** After an update of the server, this page asks for files that no longer exist. */
function Outdated() {
  const [itself] = useState(() => performance.now() > JUST_LOADED_MS);
  useEffect(() => {
    if (itself) void window.reloadWhenServed();
  }, [itself]);
  return (
    <ErrorState
      page
      title="KubeOrch was updated"
      reason="This page belongs to the version before. Edits that had not reached the server are kept in this browser."
      cure={itself ? "It reloads by itself as soon as the new version is served." : "Reload the page."}
      action={<Button onClick={() => window.location.reload()}>Reload</Button>}
    />
  );
}
