import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { sentence } from "@/model/words";
import { cx } from "@/ui";

interface Step<Name extends string> {
  readonly name: Name;
  readonly state: keyof typeof LOOK;
  readonly detail: string;
  readonly took_ms: number;
}

const LOOK = {
  ok: { Icon: CircleCheck, tone: "text-ok", word: "works" },
  warning: { Icon: CircleAlert, tone: "text-warn", word: "mind this" },
  failed: { Icon: CircleX, tone: "text-bad", word: "failed" },
} as const;

/** A test of something outside: each step with what it found, and what to do where it failed. */
export function TestSteps<Name extends string>({
  of,
  steps,
  names,
  more,
}: {
  of: string;
  steps: readonly Step<Name>[];
  names: Readonly<Record<Name, string>>;
  /** What stands below a step. */
  more?: (step: Step<Name>) => ReactNode;
}) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    section.current?.scrollIntoView({ block: "nearest" });
  }, [steps]);
  return (
    <section ref={section} aria-label={`Test of ${of}`} className="rounded-card border border-line bg-surface">
      <ol>
        {steps.map((step) => {
          const { Icon, tone, word } = LOOK[step.state];
          return (
            <li
              key={step.name}
              role={step.state === "failed" ? "alert" : undefined}
              className="flex gap-2.5 border-b border-line px-3 py-2 last:border-b-0"
            >
              <Icon size={16} className={cx("mt-0.5 shrink-0", tone)} role="img" aria-label={word} />
              <div className="flex min-w-0 flex-1 flex-col gap-1">
                <div className="flex items-baseline gap-x-2">
                  <span className="w-20 shrink-0 text-13 font-medium">{names[step.name]}</span>
                  <span className="min-w-0 flex-1 text-13 break-words text-muted">{sentence(step.detail)}</span>
                  {step.took_ms > 0 && <span className="tnum shrink-0 text-12 text-faint">{step.took_ms} ms</span>}
                </div>
                {more?.(step)}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
