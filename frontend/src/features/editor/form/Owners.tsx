import { CircleUserRound, UsersRound } from "lucide-react";
import { isOurs, sayOwner } from "@/model/owners";
import type { Path } from "@/model/paths";
import { cx, RelativeTime } from "@/ui";
import { useForm } from "./context";

/** Who owns a field in the cluster, below it; nothing while owners are not asked for. */
export function Owners({ path }: { path: Path }) {
  const owners = useForm().ownersOf?.(path) ?? [];
  if (owners.length === 0) return null;
  return (
    <ul aria-label="Owners" className="mt-1 flex flex-col gap-0.5">
      {owners.map((owner) => (
        <li
          key={`${owner.manager} ${owner.subresource}`}
          className={cx("flex items-center gap-1.5 text-12", isOurs(owner) ? "text-muted" : "text-warn")}
        >
          {isOurs(owner) ? (
            <CircleUserRound size={12} className="shrink-0" aria-hidden />
          ) : (
            <UsersRound size={12} className="shrink-0" aria-hidden />
          )}
          <span className="min-w-0 wrap-anywhere">
            {isOurs(owner) ? "set by" : "owned by"} {sayOwner(owner)}
            {owner.at && (
              <>
                {" "}
                · <RelativeTime at={owner.at} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
