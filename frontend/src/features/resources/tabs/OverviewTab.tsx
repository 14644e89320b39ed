import { Link } from "react-router";
import { kindId, resourcePath, usePossibleActions, type ResourceTabProps } from "@/product";
import { BelongsTo } from "../BelongsTo";
import { ConditionsCard, ContainersCard, KindCard } from "../KindCards";
import { MarkCard } from "../MarkCard";
import { PortForwardCard } from "../PortForwardCard";
import { WhyNotGone } from "../WhyNotGone";
import { Card, Facts, RelativeTime, Tag, TwoColumns } from "@/ui";

/** What every object has: who made it, what is written on it, and who owns it. */
export default function OverviewTab({ clusterId, kind, namespace, name, resource, object }: ResourceTabProps) {
  const address = { clusterId, kind, namespace, name };
  const possible = usePossibleActions(address, resource.resource_version).data;
  const { metadata } = object;
  const owners = metadata.ownerReferences ?? [];
  return (
    <TwoColumns
      className="p-5"
      first={
        <>
          {resource.deleting && <WhyNotGone address={address} />}
          {possible?.belongs_to && (
            <BelongsTo belonging={possible.belongs_to} drifts={possible.results.some(({ drifts }) => drifts)} />
          )}
          <KindCard object={object} />
          <ContainersCard object={object} />
          <Card title="About">
            <Facts
              rows={[
                resource.health && [
                  "Health",
                  [resource.health.state, resource.health.reason].filter(Boolean).join(": "),
                ],
                ["API version", <Mono key="version" text={object.apiVersion ?? resource.kind.version} />],
                ["Created", <RelativeTime key="created" at={resource.created_at} />],
                owners.length > 0 && [
                  "Owned by",
                  <span key="owners" className="flex flex-wrap gap-x-3">
                    {owners.map((owner) => (
                      <Link
                        key={owner.uid}
                        className="text-accent-text hover:underline"
                        to={resourcePath({
                          clusterId,
                          kind: kindId(owner.apiVersion, owner.kind),
                          namespace,
                          name: owner.name,
                        })}
                      >
                        {owner.kind} {owner.name}
                      </Link>
                    ))}
                  </span>,
                ],
                metadata.finalizers !== undefined && [
                  "Finalizers",
                  <Mono key="finalizers" text={metadata.finalizers.join(", ")} />,
                ],
                ["UID", <Mono key="uid" text={resource.uid} />],
              ]}
            />
          </Card>
          <Keys sizes={resource.sizes} values={resource.kind.kind === "ConfigMap" ? object.data : undefined} />
          <Pairs title="Labels" pairs={metadata.labels} />
          <Pairs title="Annotations" pairs={metadata.annotations} />
        </>
      }
      second={
        <>
          <MarkCard address={address} />
          <ConditionsCard object={object} />
          <PortForwardCard object={object} />
          <Managers entries={resource.managed_fields} />
        </>
      }
    />
  );
}

const Mono = ({ text }: { text: string }) => <span className="font-mono text-12 break-all">{text}</span>;

function Pairs({ title, pairs }: { title: string; pairs: Record<string, string> | undefined }) {
  const rows = Object.entries(pairs ?? {});
  if (rows.length === 0) return null;
  return (
    <Card title={title}>
      <div className="flex flex-wrap gap-1.5">
        {rows.map(([key, value]) => (
          <Tag key={key} mono className="max-w-full">
            <span title={`${key}=${value}`}>
              {key}={value}
            </span>
          </Tag>
        ))}
      </div>
    </Card>
  );
}

const VALUE_MOST = 120;

/** The keys of a ConfigMap or Secret, and of a ConfigMap the beginning of each value; of a Secret none is ever sent. */
function Keys({ sizes, values }: { sizes: Record<string, number>; values: unknown }) {
  const rows = Object.entries(sizes);
  if (rows.length === 0) return null;
  return (
    <Card title="Keys">
      <Facts
        rows={rows.map(([key, bytes]) => [
          <Mono key={key} text={key} />,
          <Value
            key={`${key} size`}
            line={firstLine((values as Record<string, unknown> | undefined)?.[key])}
            bytes={bytes}
          />,
        ])}
      />
    </Card>
  );
}

function Value({ line, bytes }: { line: string; bytes: number }) {
  const size = bytes === 0 ? "empty" : `${bytes.toLocaleString("en")} ${bytes === 1 ? "byte" : "bytes"}`;
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 text-12 leading-5">
      {line && <Mono text={line} />}
      <span className="tnum text-muted">{size}</span>
    </span>
  );
}

/** The beginning of a value that is text, with a mark where there is more; "" for what is none. */
export function firstLine(value: unknown): string {
  if (typeof value !== "string") return "";
  const line = value.split("\n", 1)[0] ?? "";
  const shown = line.slice(0, VALUE_MOST);
  return shown.length < value.trimEnd().length ? `${shown} …` : shown;
}

interface Entry {
  manager?: string;
  operation?: string;
  subresource?: string;
  time?: string;
}

/** Who has written to the object, the latest first: what Kubernetes itself remembers of its changes. */
function Managers({ entries }: { entries: readonly unknown[] }) {
  const rows = (entries as Entry[]).toSorted((a, b) => (b.time ?? "").localeCompare(a.time ?? ""));
  if (rows.length === 0) return null;
  return (
    <Card title="Changed by" description="Each manager with its last change, as Kubernetes remembers them.">
      <Facts
        rows={rows.map(({ manager = "unknown", operation, subresource, time }, index) => [
          <Mono key={index} text={manager} />,
          <span key={`${index} time`} className="text-12 text-muted">
            {operation === "Apply" ? "applied" : "updated"} {subresource ? `its ${subresource}` : "it"}{" "}
            <RelativeTime at={time ?? null} />
          </span>,
        ])}
      />
    </Card>
  );
}
