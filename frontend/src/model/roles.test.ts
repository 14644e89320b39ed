import { describe, expect, it } from "vitest";
import type { Role, User } from "@/contract";
import { covers, coversSomewhere, roleIn, ROLES } from "./roles";

const user = (...roles: Role[]): User => ({
  id: "u",
  name: "Ada",
  email: "ada@example.com",
  is_admin: false,
  teams: roles.map((role, index) => ({ id: `team-${index}`, name: `Team ${index}`, role })),
});

describe("roles", () => {
  it("cover themselves and all below, and nothing covers without a role", () => {
    ROLES.forEach((role, rank) => {
      expect(ROLES.filter((needed) => covers(role, needed))).toEqual(ROLES.slice(0, rank + 1));
    });
    expect(covers(null, "viewer")).toBe(false);
    expect(covers(undefined, "viewer")).toBe(false);
  });

  it("are looked up by team", () => {
    expect(roleIn(user("viewer", "admin"), "team-1")).toBe("admin");
    expect(roleIn(user("viewer"), "team-9")).toBeNull();
    expect(roleIn(undefined, "team-0")).toBeNull();
  });

  it("count somewhere when one team gives them", () => {
    expect(coversSomewhere(user("viewer", "editor"), "editor")).toBe(true);
    expect(coversSomewhere(user("viewer"), "editor")).toBe(false);
    expect(coversSomewhere(null, "viewer")).toBe(false);
  });
});
