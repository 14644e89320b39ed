import type { NodeRecord } from "@/model/records";
import { Manifest } from "./Manifest";
import { Patch } from "./Patch";

/** What this node becomes in the cluster, as it is drawn now, and the patch that is merged into it last. */
export function YamlTab({ node }: { node: NodeRecord }) {
  return (
    <div className="flex h-full min-h-144 flex-col gap-4 p-4">
      <Manifest nodeId={node.id} />
      <Patch node={node} />
    </div>
  );
}
