import { useEffect } from "react";
import type { Comparison } from "@/contract";
import { plural } from "@/model/words";
import { Button, Popover } from "@/ui";
import { Differences } from "../changes/Differences";
import { useChangesSince } from "../queries";
import { useLensAddress } from "../state/lensAddress";
import { useDocument, useEditor } from "../state/session";

/** How much of what is on the canvas is not deployed yet, and what; the cards that it is about get a dot. */
export function Undeployed({ version }: { version: number }) {
  const { workflowId, view } = useEditor();
  const { open } = useLensAddress();
  const rev = useDocument((state) => state.save.rev);
  const { data } = useChangesSince(workflowId, version, rev);
  useEffect(() => {
    view.setState({ undeployed: changedNodes(data) });
    return () => view.setState({ undeployed: new Set() });
  }, [data, view]);
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
          <h2 className="text-13 font-semibold">Changed since v{version} was deployed</h2>
          <Button size="sm" onClick={() => open({ compare: `v${version}..current` })}>
            Show on the canvas
          </Button>
        </div>
        <Differences comparison={data} />
      </div>
    </Popover>
  );
}

function changedNodes(comparison: Comparison | undefined): ReadonlySet<string> {
  return new Set(comparison?.nodes.filter((node) => node.change !== "removed").map((node) => node.node_id));
}
