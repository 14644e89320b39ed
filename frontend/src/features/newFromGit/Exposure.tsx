import { useState } from "react";
import type { AppDraft } from "@/model/newFromGit";
import { Field, Input, Segmented } from "@/ui";

const WAYS = [
  { value: "inside", label: "Inside the cluster" },
  { value: "host", label: "At a host name" },
] as const;

interface ExposureProps {
  readonly draft: AppDraft;
  readonly onChange: (draft: AppDraft) => void;
  readonly error: string | undefined;
}

/** Where one application is reached. */
export function Exposure({ draft, onChange, error }: ExposureProps) {
  const [isOpen, open] = useState(draft.host !== "");
  if (!draft.port.trim())
    return (
      <p className="text-12 text-muted">
        <span className="font-mono text-text">{draft.name}</span> has no port, so nothing reaches it.
      </p>
    );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="min-w-0 flex-1 basis-40 text-12 font-medium break-all">{draft.name} is reached</span>
        <Segmented
          label={`Where ${draft.name} is reached`}
          value={isOpen ? "host" : "inside"}
          onChange={(way) => {
            open(way === "host");
            if (way === "inside") onChange({ ...draft, host: "" });
          }}
          options={WAYS}
        />
      </div>
      {isOpen ? (
        <Field
          label="Host name"
          help="An Ingress leads from it to the Service. If empty, it is reached inside the cluster alone."
          error={error}
        >
          <Input
            mono
            maxLength={253}
            placeholder="shop.example.com"
            value={draft.host}
            onChange={(event) => onChange({ ...draft, host: event.target.value })}
          />
        </Field>
      ) : (
        <p className="text-12 text-muted">
          By other pods, as <span className="font-mono break-all">http://{draft.name}</span> in its namespace.
        </p>
      )}
    </div>
  );
}
