import { FileUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { GivenCredentials } from "@/api";
import { readKubeconfig, type Kubeconfig } from "@/model/kubeconfig";
import { Button, Checkbox, Field, Select, YamlEditor } from "@/ui";

const MAX_BYTES = 512 * 1024;

/** A kubeconfig as it is typed, and what this page can tell of it. */
export interface KubeconfigDraft {
  readonly text: string;
  readonly context: string;
  readonly insecure: boolean;
  readonly config: Kubeconfig;
  /** As the API takes it; undefined while nothing was given or it cannot be read. */
  readonly credentials: GivenCredentials | undefined;
}

export function useKubeconfig(): [KubeconfigDraft, (changes: Partial<KubeconfigDraft>) => void] {
  const [typed, setTyped] = useState({ text: "", context: "", insecure: false });
  const config = useMemo(() => readKubeconfig(typed.text), [typed.text]);
  const context = config.contexts.includes(typed.context) ? typed.context : "";
  const credentials =
    typed.text.trim() && !config.problem
      ? { kubeconfig: typed.text, ...(context ? { context } : {}), ...(typed.insecure ? { insecure: true } : {}) }
      : undefined;
  const change = ({ text, context, insecure }: Partial<KubeconfigDraft>) =>
    setTyped((before) => ({
      text: text ?? before.text,
      context: context ?? before.context,
      insecure: insecure ?? before.insecure,
    }));
  return [{ ...typed, context, config, credentials }, change];
}

/** The kubeconfig of a cluster: pasted, or read from a file. */
export function KubeconfigFields({
  draft,
  onChange,
  error,
  required,
}: {
  draft: KubeconfigDraft;
  onChange: (changes: Partial<KubeconfigDraft>) => void;
  /** What the server, or a try to send nothing, has found. */
  error?: string;
  required: boolean;
}) {
  const chooser = useRef<HTMLInputElement>(null);
  const [fileError, setFileError] = useState<string>();
  const { config, text } = draft;
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_BYTES) {
      setFileError(`${file.name} is larger than 512 KB; a kubeconfig is a few KB.`);
      return;
    }
    setFileError(undefined);
    onChange({ text: await file.text() });
  };
  const wrong = fileError ?? config.problem ?? error;
  const skipsChecks = /insecure-skip-tls-verify["']?\s*:\s*["']?true/.test(text);
  return (
    <>
      <div className="flex flex-col gap-1.5">
        <div className="flex items-center justify-between gap-3">
          <span className="text-12 font-medium">
            Kubeconfig{" "}
            {required && (
              <span className="text-bad" aria-hidden>
                *
              </span>
            )}
          </span>
          <Button size="sm" icon={<FileUp size={14} aria-hidden />} onClick={() => chooser.current?.click()}>
            Choose a file
          </Button>
          <input
            ref={chooser}
            type="file"
            aria-label="Kubeconfig file"
            className="hidden"
            onChange={(event) => void read(event.target.files?.[0])}
          />
        </div>
        <YamlEditor label="Kubeconfig" className="h-56" value={text} onChange={(next) => onChange({ text: next })} />
        {wrong ? (
          <p role="alert" className="text-12 break-words text-bad">
            {wrong}
          </p>
        ) : (
          <p className="text-12 text-muted">
            {config.server ? (
              <>
                Context <code className="font-mono">{draft.context || config.current || "(first)"}</code> at{" "}
                <code className="font-mono">{config.server}</code>
              </>
            ) : (
              <>
                Print it with <code className="font-mono">kubectl config view --raw --minify --flatten</code>. Tokens
                and client certificates work; login helpers (exec) do not.
              </>
            )}
          </p>
        )}
      </div>
      {config.contexts.length > 1 && (
        <Field label="Context">
          <Select
            value={draft.context || config.current || config.contexts[0]}
            onChange={(context) => onChange({ context })}
            options={config.contexts.map((name) => ({ value: name, label: name }))}
          />
        </Field>
      )}
      {skipsChecks && (
        <Checkbox
          checked={draft.insecure}
          onChange={(insecure) => onChange({ insecure })}
          label="Accept it without checking the certificate of the cluster"
          help="Anyone on the network between could read and change what is sent. Better: add certificate-authority-data."
        />
      )}
    </>
  );
}
