import type { EngineReport, EngineStep } from "@/contract";
import { TestSteps } from "@/product";
import { Facts, RelativeTime } from "@/ui";

const NAMES: Readonly<Record<EngineStep["name"], string>> = {
  name: "Address",
  tcp: "Connection",
  tls: "Certificate",
  certificate: "Client certificate",
  cluster: "Cluster",
  namespace: "Namespace",
  rights: "Rights",
  network: "Network",
  pod: "Pod",
  version: "Version",
  platforms: "Platforms",
  processes: "Processes",
  place: "What it allows",
};

export function EngineSteps({ report }: { report: EngineReport }) {
  const { certificate } = report;
  return (
    <TestSteps
      of="the engine"
      steps={report.steps}
      names={NAMES}
      more={(step) =>
        step.name === "tls" &&
        certificate && (
          <details className="text-12" open={step.state === "failed"}>
            <summary className="w-fit rounded text-muted hover:text-text">What the certificate says</summary>
            <Facts
              className="mt-1 text-12"
              rows={[
                ["Subject", certificate.subject],
                ["Issuer", certificate.issuer],
                ["For", certificate.names.join(", ") || "–"],
                ["Valid until", <RelativeTime key="until" at={certificate.not_after} />],
              ]}
            />
          </details>
        )
      }
    />
  );
}
