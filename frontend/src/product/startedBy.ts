import type { Run } from "@/contract";

/** Who or what started a run: "Ada", "automatic rollback", "schedule “nightly”". */
export function startedBy({
  triggered_by,
  trigger_name: name,
  created_by,
}: Pick<Run, "triggered_by" | "trigger_name" | "created_by">): string {
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
      return name ? `schedule “${name}”` : "schedule";
    case "build":
      return name ? `new build, by “${name}”` : "new build";
    case "image":
      return name ? `new image, by “${name}”` : "new image";
    case "webhook":
      return name ? `webhook “${name}”` : "webhook";
  }
}
