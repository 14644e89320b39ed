import { CircleUserRound, UsersRound } from "lucide-react";
import { sayLeft } from "@/model/driftWords";
import { LEFT_TO_OTHERS, TAKE_BACK } from "@/model/fieldChoices";
import { isOurs, sayOwner } from "@/model/owners";
import type { Path } from "@/model/paths";
import { capital } from "@/model/words";
import { ValueText } from "@/product";
import { Button, cx, RelativeTime } from "@/ui";
import { useForm } from "./context";

const KEYS_SHOWN = 3;

/** Who owns a field in the cluster, below it; nothing while owners are not asked for. */
export function Owners({ path }: { path: Path }) {
  const owners = useForm().ownersOf?.(path) ?? [];
  if (owners.length === 0) return null;
  return (
    <ul aria-label="Owners" className="mt-1 flex flex-col gap-0.5">
      {owners.map(({ owner, keys }) => (
        <li
          key={`${owner.manager} ${owner.subresource}`}
          className={cx("flex items-start gap-1.5 text-12", isOurs(owner) ? "text-muted" : "text-warn")}
        >
          {isOurs(owner) ? (
            <CircleUserRound size={12} className="mt-0.5 shrink-0" aria-hidden />
          ) : (
            <UsersRound size={12} className="mt-0.5 shrink-0" aria-hidden />
          )}
          <span className="min-w-0 wrap-anywhere">
            {owners.length > 1 && keys.length > 0 && (
              <>
                <span className="font-mono">{keys.slice(0, KEYS_SHOWN).join(", ")}</span>
                {keys.length > KEYS_SHOWN && ` and ${keys.length - KEYS_SHOWN} more`}{" "}
              </>
            )}
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

/** What of a field the environment leaves to others: who has it, with which value, and the way back. */
export function LeftHere({ path }: { path: Path }) {
  const { leftOf, readOnly } = useForm();
  const left = leftOf?.of(path) ?? [];
  if (!leftOf || left.length === 0) return null;
  return (
    <ul aria-label="Left to others" className="mt-1 flex flex-col gap-1">
      {left.map(({ row, seen, key }) => (
        <li key={row.id} className="flex items-start gap-1.5 text-12 text-muted">
          <UsersRound size={12} className="mt-0.5 shrink-0" aria-hidden />
          <span className="min-w-0 flex-1 wrap-anywhere">
            {key && <span className="font-mono">{key} </span>}
            {key ? sayWho(seen?.name) : capital(sayWho(seen?.name))}
            {seen && (
              <>
                , which has <ValueText of={seen.live} />
              </>
            )}
            . Runs do not set it.
          </span>
          {!readOnly && (
            <Button
              size="sm"
              tone="ghost"
              className="-mt-1.5 shrink-0"
              aria-label={`${TAKE_BACK} ${row.path}`}
              busy={leftOf.busy === row.id}
              onClick={() => leftOf.takeBack(row.id)}
            >
              {TAKE_BACK}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

const sayWho = (name: string | undefined): string => (name ? sayLeft(name) : LEFT_TO_OTHERS);
