import type { Role } from "@/contract";
import { ROLES } from "@/model/roles";

const ROLE_HINT: Record<Role, string> = {
  viewer: "Reads workflows, runs and status",
  editor: "Also edits and runs workflows, but not in a protected environment alone",
  operator: "Also approves plans of others, and protects environments",
  admin: "Also connects clusters, invites people and sets roles",
};
export const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: role, hint: ROLE_HINT[role] }));
