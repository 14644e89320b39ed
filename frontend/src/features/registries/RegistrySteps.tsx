import type { RegistryReport, RegistryStep } from "@/contract";
import { TestSteps } from "@/product";
import { Facts, RelativeTime } from "@/ui";

const NAMES: Readonly<Record<RegistryStep["name"], string>> = {
  name: "Address",
  tcp: "Connection",
  tls: "Certificate",
  registry: "Registry",
  login: "Sign-in",
  pull: "Pull",
  push: "Push",
};

export function RegistrySteps({ report }: { report: RegistryReport }) {
  const { certificate } = report;
  return (
    <TestSteps
      of="the registry"
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
                [
                  "SHA-256",
                  <code key="digest" className="font-mono break-all">
                    {certificate.sha256}
                  </code>,
                ],
              ]}
            />
          </details>
        )
      }
    />
  );
}
