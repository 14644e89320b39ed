import { CloudOff, Trash2 } from "lucide-react";
import type { Environment } from "@/contract";
import { Button, Card } from "@/ui";

/** Undeploy, remove. */
export function EndCard({
  environment: { name, protected: isProtected, cluster, namespace },
  onOpen,
}: {
  environment: Environment;
  onOpen: (dialog: "undeploy" | "remove") => void;
}) {
  return (
    <Card
      title="Undeploy or remove"
      description={
        <>
          Undeploying deletes its objects in{" "}
          <span className="font-mono break-all">
            {cluster.name}/{namespace}
          </span>{" "}
          and keeps the environment, which can be moved then. What is deleted is listed first.
          {isProtected && ` ${name} is protected: take the protection off before you delete what it has.`}
        </>
      }
    >
      <div className="flex flex-wrap gap-2">
        <Button icon={<CloudOff size={14} aria-hidden />} onClick={() => onOpen("undeploy")}>
          Undeploy…
        </Button>
        <Button tone="danger-ghost" icon={<Trash2 size={14} aria-hidden />} onClick={() => onOpen("remove")}>
          Remove environment…
        </Button>
      </div>
    </Card>
  );
}
