import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { Link, NavLink } from "react-router";
import { useApprovalCount } from "@/product";
import { cx, IconButton, Kbd, Tooltip } from "@/ui";
import { PLACES } from "./commands";
import { Mark } from "./Mark";
import { WaitingCount } from "./WaitingCount";

/** Links to the main pages; collapsed to icons where the page needs the space. */
export function Sidebar({
  wide,
  collapsible,
  onToggle,
}: {
  wide: boolean;
  collapsible: boolean;
  onToggle: () => void;
}) {
  const waiting = useApprovalCount();
  return (
    <nav
      aria-label="Main"
      className={cx(
        "flex shrink-0 flex-col border-r border-line bg-sunken transition-[width] duration-150",
        wide ? "w-52" : "w-14",
      )}
    >
      <Link
        to="/workflows"
        className="flex h-11 shrink-0 items-center gap-2.5 overflow-hidden px-4 focus-visible:outline-offset-[-2px]"
        aria-label="KubeOrch, workflows"
      >
        <Mark />
        {wide && <span className="text-14 font-semibold tracking-tight">KubeOrch</span>}
      </Link>
      <ul className="flex flex-1 flex-col gap-0.5 px-2 pt-2">
        {PLACES.map((entry) => {
          const count = entry.to === "/approvals" ? waiting : "";
          return (
            <li key={entry.to}>
              <Tooltip text={wide ? "" : entry.label} shortcut={entry.keys} side="right">
                <NavLink
                  to={entry.to}
                  aria-label={count ? `${entry.label}, ${count} waiting for you` : entry.label}
                  className={({ isActive }) =>
                    cx(
                      "group flex h-8 items-center gap-2.5 rounded px-3 text-13 font-medium transition-colors duration-100",
                      isActive ? "bg-active text-text" : "text-muted hover:bg-hover hover:text-text",
                    )
                  }
                >
                  <span className="relative shrink-0">
                    {entry.icon}
                    {!wide && <WaitingCount count={count} className="absolute -top-2 -right-2.5" />}
                  </span>
                  {wide && <span className="flex-1">{entry.label}</span>}
                  {wide && <WaitingCount count={count} />}
                  {wide && count === "" && (
                    <Kbd
                      keys={entry.keys}
                      className="opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
                    />
                  )}
                </NavLink>
              </Tooltip>
            </li>
          );
        })}
      </ul>
      <div className={cx("flex p-2", wide ? "justify-end" : "justify-center", !collapsible && "hidden")}>
        <IconButton label={wide ? "Collapse sidebar" : "Expand sidebar"} onClick={onToggle}>
          {wide ? (
            <PanelLeftClose size={16} strokeWidth={1.5} aria-hidden />
          ) : (
            <PanelLeftOpen size={16} strokeWidth={1.5} aria-hidden />
          )}
        </IconButton>
      </div>
    </nav>
  );
}
