import { Link } from "react-router";
import type { Detection } from "@/contract";
import { Card } from "@/ui";

const WORDS = {
  compose: "Compose project",
  chart: "Helm chart",
  kustomize: "Kustomization",
  manifests: "Kubernetes manifests",
} as const satisfies Record<Detection["importable"][number]["type"], string>;

/** What describes running things, and is imported instead of built. */
export function Importable({ of }: { of: Detection }) {
  if (of.importable.length === 0) return null;
  return (
    <Card
      title="Also found"
      description="These describe how an application runs. An import makes a workflow of them as they are."
    >
      <ul aria-label="Also found" className="flex flex-col gap-1.5 text-13">
        {of.importable.map((one) => {
          const query = new URLSearchParams({ from: "git", repository: of.repository, ref: of.ref, path: one.path });
          return (
            <li key={`${one.type} ${one.path}`} className="flex flex-wrap items-baseline gap-x-2">
              <Link to={`/imports/new?${query}`} className="rounded-sm text-accent-text hover:underline">
                {WORDS[one.type]} <span className="font-mono text-12 break-all">{one.path || "at the top"}</span>
              </Link>
              <span className="text-12 break-all text-muted">{one.files.slice(0, 3).join(", ")}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
