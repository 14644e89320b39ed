import { portForwards, type Forwardable } from "@/model/portForward";
import { Card, CodeView } from "@/ui";

/** How its ports come to one's own machine: through this server they would act with our session, since cookies know no
 * ports. */
export function PortForwardCard({ object }: { object: Forwardable }) {
  const forwards = portForwards(object);
  if (forwards.length === 0) return null;
  return (
    <Card
      title="Reach it from your machine"
      description="With kubectl and your own access to the cluster: run a command and leave it running. It takes the right to create pods/portforward."
    >
      <ul className="flex flex-col gap-3">
        {forwards.map(({ command, at }) => (
          <li key={command} className="min-w-0">
            <CodeView label={`Command for ${at}`} code={command} wrap />
            <p className="mt-1 text-12 text-muted">
              Then it is at{" "}
              <a href={at} target="_blank" rel="noreferrer" className="font-mono underline">
                {at}
              </a>
              , if it speaks HTTP.
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
