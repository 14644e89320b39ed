import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { useEffect, useRef } from "react";
import type { GitConnectionReport, GitConnectionStep } from "@/contract";
import { sentence } from "@/model/words";
import { cx } from "@/ui";

const NAMES: Readonly<Record<GitConnectionStep["name"], string>> = {
  address: "Address",
  connection: "Connection",
  certificate: "Certificate",
  server: "Server",
  sign_in: "Sign-in",
  repository: "Repository",
};
const LOOK = {
  ok: { Icon: CircleCheck, tone: "text-ok", word: "works" },
  warning: { Icon: CircleAlert, tone: "text-warn", word: "mind this" },
  failed: { Icon: CircleX, tone: "text-bad", word: "failed" },
} as const;

/** A test of a git connection: each step with what it found, and what to do where it failed. */
export function ConnectionSteps({ report }: { report: GitConnectionReport }) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise, which React would call as what to do at the end.
    void section.current?.scrollIntoView({ block: "nearest" });
  }, [report]);
  return (
    <section ref={section} aria-label="Test of the connection" className="rounded-card border border-line bg-surface">
      <ol>
        {report.steps.map((step) => {
          const { Icon, tone, word } = LOOK[step.state];
          return (
            <li
              key={step.name}
              role={step.state === "failed" ? "alert" : undefined}
              className="flex gap-2.5 border-b border-line px-3 py-2 last:border-b-0"
            >
              <Icon size={16} className={cx("mt-0.5 shrink-0", tone)} role="img" aria-label={word} />
              <span className="w-20 shrink-0 text-13 font-medium">{NAMES[step.name]}</span>
              <span className="min-w-0 flex-1 text-13 break-words text-muted">{sentence(step.detail)}</span>
              {step.took_ms > 0 && <span className="tnum shrink-0 text-12 text-faint">{step.took_ms} ms</span>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
