import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { fetchPlanPulls } from "@/api";
import type { Plan, PlanPulls } from "@/contract";
import { sentence } from "@/model/words";
import { planKey } from "./usePlan";

type Warned = PlanPulls["warnings"][number];

const TITLES: Readonly<Record<Warned["code"], string>> = {
  "pull.platform": "runs on no node",
  "pull.some_nodes": "does not run on all nodes",
  "pull.loopback": "may be out of reach for the nodes",
  "pull.no_account": "cannot be pulled by the nodes",
  "pull.not_found": "is not given by its registry",
};

/** What may keep nodes from the images of a plan. Registries are asked beside the plan, once. */
export function PullWarnings({ plan }: { plan: Plan }) {
  const { data } = useQuery({
    queryKey: [...planKey(plan.id), "pulls"],
    queryFn: ({ signal }) => fetchPlanPulls(plan.id, signal),
    staleTime: Infinity,
    retry: false,
  });
  if (!data || data.warnings.length === 0) return null;
  return (
    <section
      aria-label="Images that may not start"
      className="max-h-40 shrink-0 overflow-y-auto border-b border-line bg-warn-soft px-3 py-1.5"
    >
      <ul className="flex flex-col gap-1.5">
        {data.warnings.map((one) => (
          <li key={`${one.image} ${one.code}`} className="flex gap-2 text-12">
            <TriangleAlert size={14} className="mt-px shrink-0 text-warn" aria-hidden />
            <span className="min-w-0">
              <span className="font-mono font-medium break-all">{one.image}</span>{" "}
              <span className="font-medium">{TITLES[one.code]}.</span> {sentence(one.detail)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
