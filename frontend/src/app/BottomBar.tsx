import { useEffect, useRef, useState } from "react";
import { NavLink, useLocation } from "react-router";
import { useApprovalCount } from "@/product";
import { cx } from "@/ui";
import { PLACES } from "./commands";
import { WaitingCount } from "./WaitingCount";

/** The main pages on a phone, where the sidebar would take the room of the page. */
export function BottomBar() {
  const waiting = useApprovalCount();
  const list = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  const [hasMore, setMore] = useState(false);
  const look = (): void => {
    const bar = list.current;
    setMore(bar !== null && bar.scrollLeft + bar.clientWidth < bar.scrollWidth - 4);
  };
  useEffect(() => {
    look();
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, []);
  useEffect(() => {
    list.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav aria-label="Main" className="shrink-0 border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)]">
      <ul
        ref={list}
        onScroll={look}
        className={cx(
          "grid auto-cols-[minmax(60px,1fr)] grid-flow-col overflow-x-auto [scrollbar-width:none]",
          // What is cut off fades, so that it is seen to go on.
          hasMore && "[mask-image:linear-gradient(to_right,black_calc(100%_-_44px),transparent)]",
        )}
      >
        {PLACES.map((entry) => (
          <li key={entry.to}>
            <NavLink
              to={entry.to}
              className={({ isActive }) =>
                cx(
                  "flex h-13 flex-col items-center justify-center gap-0.5 text-11 font-medium tracking-tight focus-visible:outline-offset-[-2px]",
                  isActive ? "text-accent-text" : "text-muted",
                )
              }
            >
              <span className="relative">
                {entry.icon}
                {entry.to === "/approvals" && <WaitingCount count={waiting} className="absolute -top-1.5 left-3" />}
              </span>
              {entry.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
