import type { Role } from "@/contract";
import { ROLES } from "@/model/roles";

const ROLE_HINT: Record<Role, string> = {
  viewer: "Can view workflows, runs and status",
  editor: "Can edit and run workflows",
  operator: "Can also approve plans, and protect environments",
  admin: "Can also connect clusters, invite people and set roles",
};
export const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: role, hint: ROLE_HINT[role] }));
