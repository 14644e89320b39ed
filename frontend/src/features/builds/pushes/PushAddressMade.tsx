import type { MadePushAddress, Source } from "@/contract";
import { CodeView, DoneDialog, Field } from "@/ui";

/** A new address and its secret, for the only time. */
export function PushAddressMade({
  made,
  source,
  onClose,
}: {
  made: MadePushAddress;
  source: Source;
  onClose: () => void;
}) {
  return (
    <DoneDialog
      onClose={onClose}
      title="Copy the address now"
      description={
        made.signing_key
          ? "Address and secret are not shown again. Whoever has both can start builds."
          : "It is not shown again. Whoever has it can start builds."
      }
    >
      <Field label="Address">
        <CodeView label="Address" code={`${window.location.origin}${made.path}`} wrap />
      </Field>
      {made.signing_key && (
        <Field label="Secret">
          <CodeView label="Secret" code={made.signing_key} wrap />
        </Field>
      )}
      <p className="text-13 text-muted">
        On the page of {source.repository.replace(/^https?:\/\//, "")}, add a webhook for push events with this address
        {made.signing_key ? ", this secret" : ""} and, where it asks, the content type application/json.
      </p>
      <p className="text-12 text-muted">
        A git host calls an address in a private network only where its administrator allows that: Gitea and Forgejo by{" "}
        <code className="font-mono">ALLOWED_HOST_LIST</code> below <code className="font-mono">[webhook]</code>, GitLab
        under Outbound requests.
      </p>
    </DoneDialog>
  );
}
