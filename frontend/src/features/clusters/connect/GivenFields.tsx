import { useQuery } from "@tanstack/react-query";
import { fetchConnectWays, type ApiProblem } from "@/api";
import { clustersKey } from "@/product";
import { Checkbox, Field, Input, PasswordInput, Segmented, Textarea } from "@/ui";
import { KubeconfigFields } from "../KubeconfigFields";
import { AccountHelp } from "./AccountHelp";
import { InsteadNote } from "./InsteadNote";
import type { GivenDraft } from "./useGiven";
import { FIELDS, WAYS, type FieldText, type Instead, type Way } from "./ways";

/** Credentials of a cluster in any of the ways there are. */
export function GivenFields({
  draft,
  problem,
  tried,
  required = true,
}: {
  draft: GivenDraft;
  /** What the server said of them last. */
  problem: ApiProblem | null;
  /** The form was sent: what is missing is said. */
  tried: boolean;
  required?: boolean;
}) {
  const ways = useQuery({
    queryKey: [...clustersKey, "ways"],
    queryFn: ({ signal }) => fetchConnectWays(signal),
    staleTime: Infinity,
  });
  const offered = (Object.keys(WAYS) as Way[]).filter((way) => way !== "in_cluster" || ways.data?.in_cluster);
  const { way } = draft;
  const instead = problem?.extra.instead as Instead | undefined;
  return (
    <>
      <div className="flex flex-col gap-1.5">
        <Segmented
          label="Way to connect"
          from={720}
          className="w-full"
          value={way}
          onChange={draft.setWay}
          options={offered.map((value) => ({ value, label: WAYS[value].label }))}
        />
        <p className="text-12 text-muted">{WAYS[way].help}</p>
      </div>
      {instead && way === "kubeconfig" && <InsteadNote instead={instead} onGoOn={() => draft.goOn(instead)} />}
      {way === "kubeconfig" ? (
        <KubeconfigFields
          draft={draft.kubeconfig}
          onChange={draft.changeKubeconfig}
          required={required}
          error={
            instead
              ? undefined
              : problem?.code === "kubeconfig.insecure"
                ? "This kubeconfig turns the check of the certificate off. Put certificate-authority-data in its place, or tick the box below."
                : (problem?.of("kubeconfig") ??
                  problem?.of("context") ??
                  (tried && required && !draft.kubeconfig.text.trim() ? "Choose a file or paste its text." : undefined))
          }
        />
      ) : (
        <>
          {way === "service_account" && <AccountHelp />}
          {FIELDS[way].map((field) => (
            <TextField
              key={`${way}.${field.name}`}
              field={field}
              value={draft.values[field.name] ?? ""}
              onChange={(value) => draft.setValue(field.name, value)}
              error={
                problem?.of(`credentials.${field.name}`) ??
                (tried && field.required && !draft.values[field.name]?.trim() ? "Enter a value." : undefined)
              }
            />
          ))}
          {way !== "in_cluster" && (
            <Checkbox
              checked={draft.insecure}
              onChange={draft.setInsecure}
              label="Do not check the certificate of the cluster"
              help="Anyone on the network between could read and change what is sent. Better: give the certificate authority."
            />
          )}
        </>
      )}
    </>
  );
}

function TextField({
  field,
  value,
  onChange,
  error,
}: {
  field: FieldText;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}) {
  return (
    <Field label={field.label} help={field.help} required={field.required} error={error}>
      {field.long ? (
        <Textarea
          mono
          rows={3}
          value={value}
          placeholder={field.placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : field.secret ? (
        <PasswordInput autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <Input mono value={value} placeholder={field.placeholder} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
