import type { NodeRecord } from "@/model/records";
import { Manifest } from "./Manifest";
import { Patch } from "./Patch";

/** What this node becomes in the cluster, as it is drawn now, and the patch that is merged into it last. */
export function YamlTab({ node }: { node: NodeRecord }) {
  return (
    <div className="flex min-h-full flex-col gap-5 p-4">
      <Manifest nodeId={node.id} />
      <Patch node={node} />
    </div>
  );
}
