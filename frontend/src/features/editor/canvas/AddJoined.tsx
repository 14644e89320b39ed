import { Plus } from "lucide-react";
import { useDocument, useEditor, useView } from "../state/session";

interface AddJoinedProps {
  readonly id: string;
  readonly name: string;
  readonly selected: boolean;
  readonly shown: boolean;
}

/** Beside the card under the pointer, and beside the selected one: asks for the kind of a node that is joined to it. */
export function AddJoined({ id, name, selected, shown }: AddJoinedProps) {
  const { view } = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const near = useView((state) => state.hovered === id || (selected && state.selectedNodes.length === 1));
  if (!near || !shown || readOnly) return null;
  return (
    // On the lower border: lines come and go at the sides.
    <button
      type="button"
      // By keyboard it is a command of the card.
      tabIndex={-1}
      aria-label={`Add a node joined to ${name}`}
      title="Add a joined node (Shift A)"
      className="nodrag nopan absolute right-4 -bottom-3 flex size-6 cursor-pointer items-center justify-center rounded-full border border-line-strong bg-surface text-muted shadow-1 hover:border-accent hover:text-accent-text"
      onClick={(event) => {
        event.stopPropagation();
        const { right, bottom } = event.currentTarget.getBoundingClientRect();
        view.setState({ adding: { at: { x: right, y: bottom }, from: id } });
      }}
    >
      <Plus size={14} aria-hidden />
    </button>
  );
}
