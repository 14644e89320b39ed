import type { ReactNode } from "react";
import { NavLink, Navigate, useParams } from "react-router";
import type { User } from "@/contract";
import { useSession } from "@/product";
import { cx, PageHeader, useCrumbs } from "@/ui";
import { AboutSection } from "./AboutSection";
import { AccessSection } from "./AccessSection";
import { MembersSection } from "./members/MembersSection";
import { PasswordSection } from "./PasswordSection";
import { PeopleSection } from "./people/PeopleSection";
import { ProfileSection } from "./ProfileSection";
import { TokensSection } from "./tokens/TokensSection";

interface Section {
  id: string;
  label: string;
  group: "You" | "Team" | "Installation";
  visible: (user: User) => boolean;
  body: (user: User) => ReactNode;
}
const SECTIONS: readonly Section[] = [
  {
    id: "profile",
    label: "Profile",
    group: "You",
    visible: () => true,
    body: (user) => <ProfileSection user={user} />,
  },
  { id: "password", label: "Password", group: "You", visible: () => true, body: () => <PasswordSection /> },
  { id: "tokens", label: "Access tokens", group: "You", visible: () => true, body: () => <TokensSection /> },
  {
    id: "members",
    label: "Members and invites",
    group: "Team",
    visible: () => true,
    body: (user) => <MembersSection user={user} />,
  },
  {
    id: "people",
    label: "Accounts",
    group: "Installation",
    visible: (user) => user.is_admin,
    body: (user) => <PeopleSection user={user} />,
  },
  {
    id: "access",
    label: "Registration",
    group: "Installation",
    visible: (user) => user.is_admin,
    body: () => <AccessSection />,
  },
  { id: "about", label: "About", group: "Installation", visible: () => true, body: () => <AboutSection /> },
];
const GROUPS = ["You", "Team", "Installation"] as const;

export default function SettingsPage() {
  const { section = "profile" } = useParams();
  const user = useSession().data?.user;
  const chosen = SECTIONS.find((each) => each.id === section);
  useCrumbs({ label: "Settings", to: "/settings/profile" }, { label: chosen?.label ?? "Settings" });
  if (!user) return null;
  if (!chosen?.visible(user)) return <Navigate to="/settings/profile" replace />;
  return (
    <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
      <nav
        aria-label="Settings"
        className="flex w-full shrink-0 flex-row flex-wrap gap-0.5 border-line px-3 py-2 max-sm:border-b sm:w-52 sm:flex-col sm:flex-nowrap sm:gap-4 sm:border-r sm:py-4"
      >
        {GROUPS.map((group) => {
          const members = SECTIONS.filter((each) => each.group === group && each.visible(user));
          return (
            members.length > 0 && (
              <div key={group} className="max-sm:contents">
                <h2 className="px-2 pb-1 text-12 text-muted max-sm:sr-only">{group}</h2>
                <ul className="flex gap-0.5 max-sm:contents sm:flex-col">
                  {members.map((each) => (
                    <li key={each.id}>
                      <NavLink
                        to={`/settings/${each.id}`}
                        className={({ isActive }) =>
                          cx(
                            "flex h-8 items-center rounded px-2 text-13 font-medium whitespace-nowrap",
                            isActive ? "bg-active text-text" : "text-muted hover:bg-hover hover:text-text",
                          )
                        }
                      >
                        {each.label}
                      </NavLink>
                    </li>
                  ))}
                </ul>
              </div>
            )
          );
        })}
      </nav>
      <div className="min-w-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-210 pb-10">
          <PageHeader title={chosen.label} className="pt-5" />
          <div className="flex flex-col gap-5 px-5">{chosen.body(user)}</div>
        </div>
      </div>
    </div>
  );
}
