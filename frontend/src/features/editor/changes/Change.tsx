/** How a change of the graph is shown, in a comparison of versions and in a conflict. */
import { cx } from "@/ui";

const MARKS = {
  added: ["+", "text-ok"],
  removed: ["−", "text-bad"],
  modified: ["~", "text-busy"],
} as const;

export function ChangeMark({ change }: { change: keyof typeof MARKS }) {
  const [mark, tone] = MARKS[change];
  return (
    <span className={cx("w-3 shrink-0 text-center font-mono font-bold", tone)} role="img" aria-label={change}>
      {mark}
    </span>
  );
}
