import { objectConditions, objectContainers } from "@/model/objectContainers";
import { objectFacts, type ObjectFact } from "@/model/objectFacts";
import type { ResourceTabProps } from "@/product";
import { Card, Facts, HowLong, RelativeTime, Tag } from "@/ui";

type Of = Pick<ResourceTabProps, "object">;

/** What matters of an object of its kind. */
export function KindCard({ object }: Of) {
  const facts = objectFacts(object);
  if (facts.length === 0) return null;
  return (
    <Card title={object.kind ?? "Object"}>
      <Facts rows={facts.map((fact) => [fact.term, <Fact key={fact.term} fact={fact} />])} />
    </Card>
  );
}

function Fact({ fact }: { fact: ObjectFact }) {
  if ("at" in fact) return <RelativeTime at={fact.at} />;
  if ("lines" in fact)
    return (
      <ul className="flex flex-col gap-0.5 font-mono text-12 leading-5 break-all">
        {fact.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    );
  return <span className={fact.mono ? "font-mono text-12 break-all" : undefined}>{fact.text}</span>;
}

/** What runs in a pod and how it is, or what will in the pods of a workload. */
export function ContainersCard({ object }: Of) {
  const containers = objectContainers(object);
  if (containers.length === 0) return null;
  return (
    <Card title="Containers">
      <ul className="flex flex-col gap-4">
        {containers.map((one) => (
          <li key={one.name} className="flex min-w-0 flex-col gap-1.5">
            <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 text-13 font-medium">
              <span className="font-mono">{one.name}</span>
              {one.init && <Tag>runs first</Tag>}
              {one.state && <Tag tone={one.bad ? "bad" : undefined}>{one.state}</Tag>}
              {one.since && <HowLong from={one.since} className="text-12 font-normal text-muted" />}
            </h3>
            <Facts
              rows={[
                ["Image", <Mono key="image" text={one.image} />],
                one.ports.length > 0 && ["Ports", <Mono key="ports" text={one.ports.join(", ")} />],
                one.requests !== "" && ["Requests", one.requests],
                one.limits !== "" && ["Limits", one.limits],
                one.restarts > 0 && ["Restarts", String(one.restarts)],
                one.lastEnd !== "" && ["Last end", one.lastEnd],
              ]}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const Mono = ({ text }: { text: string }) => <span className="font-mono text-12 break-all">{text}</span>;

/** What controllers say of the object. */
export function ConditionsCard({ object }: Of) {
  const conditions = objectConditions(object);
  if (conditions.length === 0) return null;
  return (
    <Card title="Conditions" description="What its controllers say of it, as they say it.">
      <ul className="flex flex-col gap-2 text-12">
        {conditions.map((one) => (
          <li key={one.type} className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2">
              <Tag>{one.type}</Tag>
              <span>{one.status}</span>
              {one.reason && <span className="font-mono wrap-anywhere text-muted">{one.reason}</span>}
              {one.since && <HowLong from={one.since} className="text-muted" />}
            </span>
            {one.message && <span className="wrap-anywhere text-muted">{one.message}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
