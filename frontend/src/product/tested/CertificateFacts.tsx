import { Facts, RelativeTime } from "@/ui";

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly not_after: string;
  readonly sha256: string;
}

/** What the certificate of a server says; open where it is the trouble. */
export function CertificateFacts({ certificate, isOpen }: { certificate: Certificate; isOpen: boolean }) {
  return (
    <details className="text-12" open={isOpen}>
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
  );
}
