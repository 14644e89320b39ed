import { ChevronRight } from "lucide-react";
import { useId, type ReactNode } from "react";
import { cx } from "@/ui";

interface FoldProps {
  readonly title: string;
  readonly count: number;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  /** Rows of a list. */
  readonly children: ReactNode;
  /** Below the list. */
  readonly more?: ReactNode;
}

/** A part of the panel that opens: its title with the count, and a list. */
export function Fold({ title, count, open, onToggle, children, more }: FoldProps) {
  const id = useId();
  return (
    <section aria-label={title}>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onToggle(!open)}
          className="flex h-9 w-full items-center gap-2 border-b border-line bg-sunken px-4 text-12 font-medium text-muted hover:text-text focus-visible:outline-offset-[-2px]"
        >
          <ChevronRight
            size={14}
            aria-hidden
            className={cx("shrink-0 transition-transform duration-100", open && "rotate-90")}
          />
          {title}
          <span className="tnum">{count}</span>
        </button>
      </h3>
      {open && (
        <ul id={id} aria-label={title}>
          {children}
        </ul>
      )}
      {open && more}
    </section>
  );
}
