import { CircleAlert, Hand } from "lucide-react";
import type { ReactNode } from "react";
import { Button, cx } from "@/ui";

export interface TakeOverProps {
  /** Objects with their fields that other managers hold. */
  held: readonly {
    readonly object: string;
    readonly by: readonly { readonly manager: string; readonly paths: readonly string[] }[];
  }[];
  busy: boolean;
  error?: ReactNode;
  onTakeOver: () => void;
  className?: string;
}

/** A run failed on fields of other managers: who manages them, what taking over does, and the button for it. */
export function TakeOver({ held, busy, error, onTakeOver, className }: TakeOverProps) {
  const count = held.flatMap(({ by }) => by.flatMap(({ paths }) => paths)).length;
  const fields = count > 1 ? "fields" : "field";
  const them = count > 1 ? "them" : "it";
  return (
    <section
      role="alert"
      aria-label="Fields of other managers"
      className={cx("flex gap-2.5 rounded border border-bad/30 bg-bad-soft px-3 py-2 text-13", className)}
    >
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1">
        <ul className="font-medium">
          {held.flatMap(({ object, by }) =>
            (by.length > 0 ? by : [{ manager: "another manager", paths: ["some fields"] }]).map(
              ({ manager, paths }) => (
                <li key={`${object} ${manager}`} className="break-words">
                  <Name>{paths.join(", ")}</Name> of {object} is managed by <Name>{manager}</Name> with a different
                  value
                </li>
              ),
            ),
          )}
        </ul>
        <p className="mt-0.5 text-muted">
          Taking over starts a run that sets {count > 1 ? "these fields" : "this field"}, whoever manages {them} now. To
          leave {them} to the other manager, remove {them} from the node instead.
        </p>
        <Button size="sm" className="mt-2" icon={<Hand size={14} aria-hidden />} busy={busy} onClick={onTakeOver}>
          Take over the {fields} and run again
        </Button>
        {error && <p className="mt-1 break-words text-bad">{error}</p>}
      </div>
    </section>
  );
}

function Name({ children }: { children: ReactNode }) {
  return <span className="font-mono text-12 break-all">{children}</span>;
}
