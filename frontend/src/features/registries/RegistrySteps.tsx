import type { RegistryReport, RegistryStep } from "@/contract";
import { CertificateFacts, TestSteps } from "@/product";

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
        certificate && <CertificateFacts certificate={certificate} isOpen={step.state === "failed"} />
      }
    />
  );
}
