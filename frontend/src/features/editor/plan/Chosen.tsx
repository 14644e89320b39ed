import { Hand } from "lucide-react";
import type { Plan } from "@/contract";
import { FIELD_CHOICES } from "@/model/fieldChoices";
import { refKey, sayChoices } from "@/model/planWords";
import { ObjectLine, valueText } from "@/product";

/** What was chosen for fields that others manage: whoever approves or runs the plan decides about it, too. */
export function Chosen({ plan: { choices } }: { plan: Plan }) {
  if (choices.length === 0) return null;
  const changesGraph = choices.some(({ choice }) => choice === "share");
  return (
    <details open={choices.length <= 5} className="group shrink-0 border-b border-line bg-surface text-12">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-3 py-1.5 hover:bg-hover">
        <Hand size={14} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 flex-1">
          By choice, the run {sayChoices(choices)}
          {changesGraph && ", and saves the workflow with the adopted values"}.
        </span>
        <span className="shrink-0 text-accent-text group-open:hidden">Show</span>
      </summary>
      <ul aria-label="What was chosen" className="flex max-h-40 flex-col gap-1 overflow-y-auto px-3 pb-2 pl-8.5">
        {choices.map(({ ref, path, choice, value }) => (
          <li key={`${refKey(ref)} ${path}`}>
            <ObjectLine
              of={ref}
              note={
                <>
                  <span className="font-mono text-text">{path}</span>: {FIELD_CHOICES[choice].planned.toLowerCase()}
                  {choice === "share" && (
                    <>
                      , the workflow takes <span className="font-mono text-text">{valueText(value)}</span>
                    </>
                  )}
                </>
              }
            />
          </li>
        ))}
      </ul>
    </details>
  );
}
