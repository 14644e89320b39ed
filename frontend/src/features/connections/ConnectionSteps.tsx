import type { GitConnectionReport, GitConnectionStep } from "@/contract";
import { TestSteps } from "@/product";

const NAMES: Readonly<Record<GitConnectionStep["name"], string>> = {
  address: "Address",
  connection: "Connection",
  certificate: "Certificate",
  server: "Server",
  sign_in: "Sign-in",
  repository: "Repository",
};

export function ConnectionSteps({ report }: { report: GitConnectionReport }) {
  return <TestSteps of="the connection" steps={report.steps} names={NAMES} />;
}
