import { useEffect } from "react";
import type { Environment, GraphChanges } from "@/contract";
import { plural } from "@/model/words";
import { Button, Popover } from "@/ui";
import { Differences } from "../changes/Differences";
import { useUndeployed } from "../queries";
import { useLensAddress } from "../state/lensAddress";
import { useDocument, useEditor } from "../state/session";

/** How much of what is on the canvas is not deployed yet, and what; the cards that it is about get a dot. */
export function Undeployed({ environment }: { environment: Environment }) {
  const { view } = useEditor();
  const { open } = useLensAddress();
  const rev = useDocument((state) => state.save.rev);
  const { data } = useUndeployed(environment, rev);
  useEffect(() => {
    view.setState({ undeployed: changedNodes(data) });
    return () => view.setState({ undeployed: new Set() });
  }, [data, view]);
  const { deployed, partly } = environment;
  const count = data ? data.nodes.length + data.edges.length : 0;
  if (!data || count === 0) return null;
  return (
    <Popover
      label="Changes that are not deployed"
      width={380}
      trigger={
        <button type="button" className="rounded px-1 text-12 whitespace-nowrap text-accent-text hover:underline">
          {plural(count, "change")} not deployed
        </button>
      }
    >
      <div className="max-h-96 overflow-y-auto p-3">
        <div className="flex items-center justify-between gap-2">
          <h2 className="text-13 font-semibold">
            {partly || !deployed ? `Not in ${environment.name} yet` : `Changed since v${deployed.version} was deployed`}
          </h2>
          <Button
            size="sm"
            onClick={() => open({ compare: partly || !deployed ? "live..current" : `v${deployed.version}..current` })}
          >
            Show on the canvas
          </Button>
        </div>
        <Differences comparison={data} />
      </div>
    </Popover>
  );
}

function changedNodes(comparison: GraphChanges | undefined): ReadonlySet<string> {
  return new Set(comparison?.nodes.filter((node) => node.change !== "removed").map((node) => node.node_id));
}
