import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { useEffect, useRef } from "react";
import type { RegistryReport, RegistryStep } from "@/contract";
import { sentence } from "@/model/words";
import { cx, Facts, RelativeTime } from "@/ui";

const NAMES: Readonly<Record<RegistryStep["name"], string>> = {
  name: "Address",
  tcp: "Connection",
  tls: "Certificate",
  registry: "Registry",
  login: "Sign-in",
  pull: "Pull",
  push: "Push",
};
const LOOK = {
  ok: { Icon: CircleCheck, tone: "text-ok", word: "works" },
  warning: { Icon: CircleAlert, tone: "text-warn", word: "mind this" },
  failed: { Icon: CircleX, tone: "text-bad", word: "failed" },
} as const;

/** A test of a registry: each step with what it found, and what to do where it failed. */
export function RegistrySteps({ report }: { report: RegistryReport }) {
  const { certificate } = report;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise, which React would call as what to do at the end.
    void section.current?.scrollIntoView({ block: "nearest" });
  }, [report]);
  return (
    <section ref={section} aria-label="Test of the registry" className="rounded-card border border-line bg-surface">
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
              <div className="flex min-w-0 flex-1 flex-col gap-1">
                <div className="flex items-baseline gap-x-2">
                  <span className="w-20 shrink-0 text-13 font-medium">{NAMES[step.name]}</span>
                  <span className="min-w-0 flex-1 text-13 break-words text-muted">{sentence(step.detail)}</span>
                  <span className="tnum shrink-0 text-12 text-faint">{step.took_ms} ms</span>
                </div>
                {step.name === "tls" && certificate && (
                  <details className="text-12" open={step.state === "failed"}>
                    <summary className="w-fit rounded text-muted hover:text-text">What the certificate says</summary>
                    <Facts
                      className="mt-1 text-12"
                      rows={[
                        ["Subject", certificate.subject],
                        ["Issuer", certificate.issuer],
                        ["For", certificate.names.join(", ") || "–"],
                        ["Valid until", <RelativeTime key="until" at={certificate.not_after} />],
                        [
                          "SHA-256",
                          <code key="digest" className="font-mono break-all">
                            {certificate.sha256}
                          </code>,
                        ],
                      ]}
                    />
                  </details>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
