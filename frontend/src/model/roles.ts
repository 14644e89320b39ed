/** Roles of a team, each with the rights of those before it: viewer < editor < operator < admin. */
import type { Role, User } from "@/contract";

const ROLE_RANK: Record<Role, number> = { viewer: 0, editor: 1, operator: 2, admin: 3 };
export const ROLES: readonly Role[] = ["viewer", "editor", "operator", "admin"];

export function covers(role: Role | null | undefined, needed: Role): boolean {
  return role ? ROLE_RANK[role] >= ROLE_RANK[needed] : false;
}

/** True when the person has the role in at least one team: then a page may offer what needs it. */
export function coversSomewhere(user: User | null | undefined, needed: Role): boolean {
  return user?.teams.some((team) => covers(team.role, needed)) ?? false;
}

export function roleIn(user: User | null | undefined, teamId: string | undefined): Role | null {
  return user?.teams.find((team) => team.id === teamId)?.role ?? null;
}
