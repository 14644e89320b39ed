import { ChevronRight } from "lucide-react";
import { Link } from "react-router";
import { cx, useCrumbTrail } from "@/ui";

export function Breadcrumb() {
  const crumbs = useCrumbTrail((state) => state.crumbs);
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1 text-13">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li
              key={index}
              className={cx(
                "flex items-center gap-1",
                // A long name between the first and the last gives way; where there is little room, the last two are there.
                index === 0 || (last && index > 1) ? "min-w-0 sm:shrink-0" : "min-w-0",
                index < crumbs.length - 2 && "max-sm:hidden",
                !last && "max-sm:max-w-[45%] max-sm:shrink-0",
              )}
            >
              {index > 0 && (
                <ChevronRight size={14} className={cx("shrink-0 text-faint", !last && "max-sm:hidden")} aria-hidden />
              )}
              {crumb.to && !last ? (
                <Link to={crumb.to} className="truncate rounded-sm text-muted hover:text-text">
                  {crumb.label}
                </Link>
              ) : (
                <span className="truncate font-medium" aria-current={last ? "page" : undefined}>
                  {crumb.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
