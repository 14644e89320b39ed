import { NavLink } from "react-router";
import { cx } from "@/ui";
import { PLACES } from "./commands";

/** The main pages on a phone, where the sidebar would take the room of the page. */
export function BottomBar() {
  return (
    <nav aria-label="Main" className="shrink-0 border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)]">
      <ul className="grid auto-cols-fr grid-flow-col">
        {PLACES.map((entry) => (
          <li key={entry.to}>
            <NavLink
              to={entry.to}
              className={({ isActive }) =>
                cx(
                  "flex h-13 flex-col items-center justify-center gap-0.5 text-11 font-medium focus-visible:outline-offset-[-2px]",
                  isActive ? "text-accent-text" : "text-muted",
                )
              }
            >
              {entry.icon}
              {entry.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
