import { useState } from "react";
import { asProblem, type ResourceAddress } from "@/api";
import type { Belonging } from "@/contract";
import { sentence } from "@/model/words";
import { Field, FormDialog, Input } from "@/ui";
import { BelongsTo } from "./BelongsTo";
import { useActOnResource } from "./queries";

export function ScaleDialog({
  address,
  uid,
  replicas,
  belonging,
  onClose,
}: {
  address: ResourceAddress;
  uid: string;
  replicas: number;
  belonging: Belonging | null;
  onClose: () => void;
}) {
  const act = useActOnResource(address);
  const [typed, setTyped] = useState(String(replicas));
  const wanted = /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : null;
  const problem = act.error && asProblem(act.error);
  return (
    <FormDialog
      title={`Scale ${address.name}`}
      submit="Scale"
      size="sm"
      busy={act.isPending}
      disabled={wanted === null || wanted === replicas}
      failure={problem && { title: "It was not scaled", reason: sentence(problem.detail), details: problem.describe() }}
      onClose={onClose}
      onSubmit={() => wanted !== null && act.mutate({ action: "scale", uid, replicas: wanted }, { onSuccess: onClose })}
    >
      <Field label="Replicas" error={wanted === null ? "Write a whole number, such as 3." : undefined}>
        <Input value={typed} inputMode="numeric" autoFocus onChange={(event) => setTyped(event.target.value)} />
      </Field>
      {belonging && <BelongsTo belonging={belonging} drifts={belonging.owned} />}
    </FormDialog>
  );
}
