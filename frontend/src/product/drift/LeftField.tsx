import { Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import { sayLeft } from "@/model/driftWords";
import { LEFT_TO_OTHERS, TAKE_BACK } from "@/model/fieldChoices";
import { Button, Tag } from "@/ui";
import { ValueText } from "../Values";

interface LeftFieldProps {
  readonly path: string;
  /** "kubectl patch"; "" where nobody has it. */
  readonly name: string;
  /** As the workflow and the cluster have it; null where that was not asked. */
  readonly values: { readonly workflow: unknown; readonly live: unknown } | null;
  /** The run applies it again. */
  readonly ends?: boolean;
  /** Not given where nothing is to be decided. */
  readonly takeBack?: { readonly busy: boolean; readonly act: () => void };
  readonly children?: ReactNode;
}

/** One field of the workflow that is left to others, with what the workflow and the cluster have. */
export function LeftField({ path, name, values, ends = false, takeBack, children }: LeftFieldProps) {
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-1 rounded border border-line bg-surface px-2 py-1.5 text-12">
      <div className="min-w-0 flex-1 basis-48">
        <span className="block font-mono text-11 break-all text-muted">{path}</span>
        {values && (
          <span className="block break-words">
            <span className="text-muted">workflow</span> <ValueText of={values.workflow} />
            {!ends && (
              <>
                <span className="text-faint"> · </span>
                <span className="text-muted">cluster</span> <ValueText of={values.live} />
              </>
            )}
          </span>
        )}
        {children}
      </div>
      <span className="flex shrink-0 items-center gap-2">
        <Tag>{ends ? "set again" : name ? sayLeft(name) : LEFT_TO_OTHERS}</Tag>
        {takeBack && (
          <Button
            size="sm"
            aria-label={`${TAKE_BACK} ${path}`}
            icon={<Undo2 size={14} aria-hidden />}
            busy={takeBack.busy}
            onClick={takeBack.act}
          >
            {TAKE_BACK}
          </Button>
        )}
      </span>
    </div>
  );
}
