import { Link } from "react-router";
import { kindId, resourcePath, type ResourceTabProps } from "@/product";
import { Card, Facts, RelativeTime, Tag } from "@/ui";

/** What every object has: who made it, what is written on it, and who owns it. */
export default function OverviewTab({ clusterId, namespace, resource, object }: ResourceTabProps) {
  const { metadata } = object;
  const owners = metadata.ownerReferences ?? [];
  return (
    <div className="flex max-w-5xl flex-col gap-5 p-5">
      <Card title="About">
        <Facts
          rows={[
            resource.health && ["Health", resource.health.reason],
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
      <Pairs title="Labels" pairs={metadata.labels} />
      <Pairs title="Annotations" pairs={metadata.annotations} />
    </div>
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
