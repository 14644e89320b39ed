import { ListChecks } from "lucide-react";
import { useMemo } from "react";
import { Button, Tooltip, useCommands, type Command } from "@/ui";
import type { Planning } from "./usePlan";

interface PlanButtonProps {
  readonly planning: Planning;
  /** Why nothing can run, and so nothing be planned; null where it can. */
  readonly hindrance: string | null;
}

/** Shows what Run would do, before it does. */
export function PlanButton({ planning: { making, plan }, hindrance }: PlanButtonProps) {
  const refused = hindrance !== null;
  const command = useMemo(
    (): Command => ({
      name: "plan.make",
      label: "Plan a run",
      group: "Canvas",
      icon: <ListChecks size={16} aria-hidden />,
      keywords: "diff dry run preview changes",
      keys: "shift+mod+enter",
      enabled: () => !refused,
      perform: () => plan(),
    }),
    [refused, plan],
  );
  useCommands(useMemo(() => [command], [command]));
  return (
    <Tooltip text={hindrance ?? "Shows what a run would do, and changes nothing."}>
      <Button
        icon={<ListChecks size={14} aria-hidden />}
        aria-label="Plan"
        busy={making.isPending}
        aria-disabled={refused || undefined}
        className={refused ? "opacity-55" : undefined}
        onClick={() => !refused && plan()}
      >
        <span className="max-md:hidden">Plan</span>
      </Button>
    </Tooltip>
  );
}
