import { portForwards, type Forwardable } from "@/model/portForward";
import { Card, CodeView } from "@/ui";

/** How its ports come to one's own machine: in a browser of ours they would act with our session. */
export function PortForwardCard({ object }: { object: Forwardable }) {
  const commands = portForwards(object);
  if (commands.length === 0) return null;
  return (
    <Card title="Reach it from your machine" description="With kubectl and your own access to the cluster.">
      <CodeView
        label={commands.length === 1 ? "Command" : "Commands, one for each port"}
        code={commands.join("\n")}
        wrap
      />
    </Card>
  );
}
