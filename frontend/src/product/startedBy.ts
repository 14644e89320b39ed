import type { Run } from "@/contract";

/** Who or what started a run: "Ada", "automatic rollback", "the schedule". */
export function startedBy({ triggered_by, created_by }: Pick<Run, "triggered_by" | "created_by">): string {
  switch (triggered_by) {
    case "person":
      return created_by?.name ?? "";
    case "drift":
      return created_by?.name ? `${created_by.name}, to put drift right` : "a person, to put drift right";
    case "rollback":
      return "automatic rollback";
    case "self_heal":
      return "self-heal";
    case "schedule":
      return "schedule";
    case "webhook":
      return "webhook";
  }
}
