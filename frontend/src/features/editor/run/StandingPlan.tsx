import { useMemo } from "react";
import type { Environment } from "@/contract";
import { sayWhat } from "@/model/approvals";
import { STANDING, useAskedPlans } from "@/product";
import { Button, Tooltip, useCommands, type Command } from "@/ui";
import type { LensAddress } from "../state/lensAddress";

interface StandingPlanProps {
  readonly environment: Environment;
  readonly open: LensAddress["open"];
}

/**
 * In a protected environment: the plan that may run now, else the answer to what the person asked, else what waits. It
 * opens that plan, so that whoever went elsewhere meanwhile need not plan again.
 */
export function StandingPlan({ environment, open }: StandingPlanProps) {
  const rows = useAskedPlans(environment);
  const first =
    rows?.find(({ standing }) => standing === "to run") ??
    rows?.find(({ plan, standing }) => plan.mine && (standing === "refused" || standing === "moved")) ??
    rows?.find(({ standing }) => standing === "waiting") ??
    null;
  useCommands(
    useMemo(
      (): Command[] =>
        (rows ?? []).map(({ plan, standing }) => ({
          name: `plan.open.${plan.id}`,
          label: `${STANDING[standing].word}: plan of ${sayWhat(plan)} by ${plan.mine ? "you" : plan.by.name}`,
          group: "Canvas",
          keywords: "plan approved approval waiting refused run",
          perform: () => open({ plan: plan.id }),
        })),
      [rows, open],
    ),
  );
  if (first === null) return null;
  const { plan, standing } = first;
  const { Icon, tone, word, short } = STANDING[standing];
  const by = standing === "to run" || standing === "refused" ? ` by ${plan.approval.by?.name ?? "somebody"}` : "";
  const label = standing === "to run" ? "Approved plan" : short;
  return (
    <Tooltip text={`${word}: the plan of ${sayWhat(plan)}${by ? `, ${plan.approval.state}${by}` : ""}. Open it`}>
      <Button
        tone={standing === "to run" ? "primary" : "secondary"}
        aria-label={`${word}, open the plan of ${sayWhat(plan)}`}
        icon={<Icon size={14} className={standing === "to run" ? undefined : tone} aria-hidden />}
        onClick={() => open({ plan: plan.id })}
      >
        <span className="max-md:hidden">{label}</span>
      </Button>
    </Tooltip>
  );
}
