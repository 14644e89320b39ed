import type { ReactNode } from "react";
import { cx } from "./cx";

/** Cards in one column of a width that can be read; on a wide screen in two, the first of which is read first. */
export function TwoColumns({ first, second, className }: { first: ReactNode; second: ReactNode; className?: string }) {
  return (
    <div className={cx("grid max-w-5xl items-start gap-5 2xl:max-w-480 2xl:grid-cols-2", className)}>
      <div className="flex min-w-0 flex-col gap-5">{first}</div>
      <div className="flex min-w-0 flex-col gap-5">{second}</div>
    </div>
  );
}
