import { Columns3 } from "lucide-react";
import { isMessage } from "@/model/logs";
import { Checkbox, cx, EmptyState, Popover } from "@/ui";

/** How wide a field is. The message takes what is left. */
export const widthOf = (name: string): string =>
  isMessage(name)
    ? "min-w-48 flex-1"
    : /^(level|severity|lvl|log\.level)$/.test(name)
      ? "w-16 shrink-0"
      : "w-36 shrink-0";

/** Which fields of lines of JSON are shown, each in a column of its own. */
export function ColumnsChoice({
  offered,
  chosen,
  onChange,
  className,
}: {
  offered: readonly string[];
  chosen: readonly string[];
  onChange: (names: readonly string[]) => void;
  className: string;
}) {
  const all = [...offered, ...chosen.filter((name) => !offered.includes(name))];
  return (
    <Popover
      label="Columns"
      width={260}
      trigger={
        <button type="button" className={cx(className, "inline-flex items-center gap-1.5")}>
          <Columns3 size={14} aria-hidden />
          {`Columns (${chosen.length})`}
        </button>
      }
    >
      {all.length === 0 ? (
        <EmptyState title="No fields" className="p-4">
          None of the latest lines is a JSON object.
        </EmptyState>
      ) : (
        <ul className="max-h-80 space-y-2 overflow-auto p-3">
          {all.map((name) => (
            <li key={name} className="font-mono">
              <Checkbox
                checked={chosen.includes(name)}
                label={name}
                onChange={(checked) => onChange(checked ? [...chosen, name] : chosen.filter((each) => each !== name))}
              />
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
