import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import type { Certificate, ConnectionStep, ConnectionTest } from "@/contract";
import { sentence } from "@/model/words";
import { CopyButton, cx, Facts, intoView, RelativeTime, Tag } from "@/ui";

const NAMES: Readonly<Record<ConnectionStep["name"], string>> = {
  name: "Address",
  tcp: "Connection",
  tls: "Certificate",
  reach: "Connection",
  auth: "Sign-in",
  version: "Kubernetes",
  rights: "Rights",
};
const LOOK = {
  ok: { Icon: CircleCheck, tone: "text-ok", word: "works" },
  warning: { Icon: CircleAlert, tone: "text-warn", word: "works in part" },
  failed: { Icon: CircleX, tone: "text-bad", word: "failed" },
} as const;

/** A test of a connection: each step with what it found, where it failed and the cure. */
export function TestReport({ report }: { report: ConnectionTest }) {
  return (
    <section
      ref={intoView}
      aria-label="Connection test"
      className="scroll-mb-4 rounded-card border border-line bg-surface"
    >
      <ol>
        {report.steps.map((step) => (
          <Step key={step.name} step={step}>
            {step.name === "tls" && report.certificate && <CertificateFacts certificate={report.certificate} />}
            {step.name === "rights" && <Rights report={report} />}
          </Step>
        ))}
      </ol>
    </section>
  );
}

function Step({ step, children }: { step: ConnectionStep; children?: React.ReactNode }) {
  const { Icon, tone, word } = LOOK[step.state];
  return (
    <li
      role={step.state === "failed" ? "alert" : undefined}
      className="flex gap-2.5 border-b border-line px-3 py-2 last:border-b-0"
    >
      <Icon size={16} className={cx("mt-0.5 shrink-0", tone)} role="img" aria-label={word} />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-13 font-medium">{NAMES[step.name]}</span>
          <span className="min-w-0 text-13 break-words text-muted">{sentence(step.detail)}</span>
          <span className="tnum ml-auto shrink-0 text-12 text-faint">{step.took_ms} ms</span>
        </div>
        {step.cure && <p className="text-12">{step.cure}</p>}
        {children}
      </div>
    </li>
  );
}

function CertificateFacts({ certificate }: { certificate: Certificate }) {
  return (
    <details className="text-12">
      <summary className="w-fit rounded text-muted hover:text-text">
        Certificate of {certificate.names[0] ?? certificate.subject}, ends{" "}
        <RelativeTime at={certificate.not_after} className="inline" />
      </summary>
      <Facts
        className="mt-1 text-12"
        rows={[
          ["Subject", certificate.subject],
          ["Issuer", certificate.issuer],
          ["For", certificate.names.join(", ") || "–"],
          ["Valid from", <RelativeTime key="from" at={certificate.not_before} />],
          ["Valid until", <RelativeTime key="until" at={certificate.not_after} />],
          [
            "SHA-256",
            <span key="digest" className="flex items-start gap-1">
              <code className="min-w-0 font-mono break-all">{certificate.sha256}</code>
              <CopyButton text={certificate.sha256} label="Copy the digest" />
            </span>,
          ],
        ]}
      />
    </details>
  );
}

const ALLOWED = { everywhere: "", namespace: " (one namespace)", no: "", unknown: " (not said)" } as const;

function Rights({ report }: { report: ConnectionTest }) {
  return (
    <ul className="flex flex-wrap gap-1.5 pt-0.5">
      {report.rights.map((right) => (
        <li key={right.id}>
          <Tag className={right.allowed === "no" ? "text-faint line-through" : undefined}>
            {right.label}
            {ALLOWED[right.allowed]}
            {right.allowed === "no" && <span className="sr-only"> (not allowed)</span>}
          </Tag>
        </li>
      ))}
      <li>
        <Tag className={report.impersonates ? undefined : "text-faint line-through"}>
          The cluster holds shares itself
          {!report.impersonates && <span className="sr-only"> (not possible)</span>}
        </Tag>
      </li>
    </ul>
  );
}
