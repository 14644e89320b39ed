import { ChevronRight } from "lucide-react";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { KindIcon } from "@/product";
import { cx, TONE_TEXT, type Tone } from "@/ui";
import { useEditor, useView } from "../state/session";

interface ObjectRowProps {
  /** Of the canvas beside the list; null where it has none. */
  readonly cardId: string | null;
  /** Null for what is not an object, such as a connection. */
  readonly icon: string | null;
  readonly name: string;
  readonly kind: string;
  readonly look: { readonly mark: string; readonly tone: Tone; readonly word: string };
  /** Below the name. */
  readonly said?: ReactNode;
  /** Before somebody opens or closes it; a row whose card is selected is open, too. */
  readonly isOpen: boolean;
  readonly children: ReactNode;
}

/** One object in the list beside a lens: its mark and word; opened, what is said of its fields. */
export function ObjectRow({ cardId, icon, name, kind, look, said, isOpen, children }: ObjectRowProps) {
  const { view } = useEditor();
  const selected = useView((state) => cardId !== null && state.selectedNodes.includes(cardId));
  const [toggled, setToggled] = useState<boolean | null>(null);
  const row = useRef<HTMLLIElement>(null);
  const body = useId();
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const open = toggled ?? (selected || isOpen);
  return (
    <li ref={row} className={cx("border-b border-line", selected && "bg-accent-soft")}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => {
          setToggled(!open);
          if (cardId !== null && !selected && view.getState().nodes.some((node) => node.id === cardId))
            view.getState().select([cardId]);
        }}
        className="flex w-full min-w-0 items-start gap-2 px-4 py-2 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={cx("mt-0.5 shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
        />
        <span className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[look.tone])} aria-hidden>
          {look.mark}
        </span>
        {icon !== null && <KindIcon kind={icon} className="mt-0.5 shrink-0 text-muted" />}
        <span className="min-w-0 flex-1">
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="truncate font-mono text-12">{name}</span>
            <span className="min-w-0 shrink truncate text-11 text-muted">{kind}</span>
          </span>
          {said}
        </span>
        <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
      </button>
      {open && (
        <div id={body} className="flex flex-col gap-2 px-4 pb-3 text-12 empty:hidden">
          {children}
        </div>
      )}
    </li>
  );
}
