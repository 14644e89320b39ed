import type { MadeTrigger } from "@/contract";
import { CodeView, DoneDialog, Field } from "@/ui";

const SIGNATURE = `printf %s "$BODY" | openssl dgst -sha256 -hmac "$KEY" -r | cut -d' ' -f1`;

/** The address of a new webhook, and its signing key, for the only time. */
export function WebhookMade({ made, onClose }: { made: MadeTrigger; onClose: () => void }) {
  const address = `${window.location.origin}${made.path}`;
  const call = made.signed
    ? `BODY='{}'\ncurl -X POST -d "$BODY" \\\n  -H "X-KubeOrch-Signature: sha256=$(${SIGNATURE})" \\\n${address}`
    : `curl -X POST ${address}`;
  return (
    <DoneDialog
      onClose={onClose}
      title="Copy the address now"
      description="It is not shown again. Whoever has it can start a run: keep it as a secret of the pipeline."
    >
      {made.signed && (
        <Field label="Signing key (KEY)">
          <CodeView label="Signing key" code={made.signing_key} wrap />
        </Field>
      )}
      <Field label="Call it">
        <CodeView label="Command" code={call} wrap />
      </Field>
    </DoneDialog>
  );
}
