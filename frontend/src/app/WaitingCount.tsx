import { cx } from "@/ui";

/** How many plans wait for the person, at the entry of their list; nothing for none. */
export function WaitingCount({ count, className }: { count: string; className?: string }) {
  if (count === "") return null;
  return (
    <span
      className={cx(
        "tnum inline-flex h-4 min-w-4 items-center justify-center rounded-full bg-accent px-1 text-11 leading-none font-semibold text-on-accent",
        className,
      )}
    >
      <span aria-hidden>{count}</span>
      <span className="sr-only">{count} waiting for you</span>
    </span>
  );
}
