import { explain } from "@/product";
import type { Package } from "@/contract";
import { Card, ErrorState, Facts, SkeletonRows, Tag } from "@/ui";
import { useLicences } from "./queries";

const LISTS = [
  { id: "page", title: "In this page", description: "Code and fonts that your browser loads." },
  { id: "server", title: "On the server", description: "Python packages that the server runs on." },
  { id: "programs", title: "Beside the server", description: "Programs that a server with the sandbox runs." },
] as const;

/** The parts of KubeOrch and their licences. */
export function AboutSection() {
  const licences = useLicences();
  if (licences.isPending) return <SkeletonRows rows={6} />;
  if (licences.error)
    return (
      <ErrorState
        title="Licences could not be loaded"
        {...explain(licences.error)}
        onRetry={() => void licences.refetch()}
      />
    );
  return (
    <>
      <Card title="KubeOrch" description="A visual orchestrator for Kubernetes, licensed under Apache-2.0.">
        <Facts
          rows={[
            [
              "Version",
              <code key="version" className="font-mono text-12">
                {import.meta.env.VERSION as string}
              </code>,
            ],
            [
              "API",
              <a key="api" href="/api/v1/schema" className="rounded-sm text-accent-text hover:underline">
                OpenAPI document
              </a>,
            ],
          ]}
        />
      </Card>
      <h2 className="text-14 font-semibold">Open source licences</h2>
      {LISTS.map((list) => (
        <Card key={list.id} title={list.title} description={list.description} padded={false}>
          <ul aria-label={list.title}>
            {licences.data[list.id].map((part) => (
              <li key={`${part.name} ${part.version}`} className="border-b border-line last:border-b-0">
                <PackageLicence part={part} />
              </li>
            ))}
          </ul>
        </Card>
      ))}
    </>
  );
}

function PackageLicence({ part }: { part: Package }) {
  return (
    <details className="group px-4 py-2 [contain-intrinsic-size:auto_36px] [content-visibility:auto]">
      <summary className="flex cursor-pointer items-center gap-3 rounded-sm text-13">
        <span className="min-w-0 flex-1 truncate font-mono text-12">
          {part.name} <span className="text-muted">{part.version}</span>
        </span>
        <Tag>{part.licence || "see text"}</Tag>
      </summary>
      <div className="mt-2 flex flex-col gap-2 text-12">
        {part.url?.startsWith("http") && (
          <a
            href={part.url}
            target="_blank"
            rel="noreferrer"
            className="w-fit rounded-sm text-accent-text hover:underline"
          >
            {part.url}
          </a>
        )}
        {part.text && (
          <pre className="max-h-80 overflow-auto rounded border border-line bg-code p-3 font-mono text-11 break-words whitespace-pre-wrap">
            {part.text}
          </pre>
        )}
      </div>
    </details>
  );
}
