import { useState } from "react";
import { useSearchParams } from "react-router";
import { explain, firstCluster, StatusGlyph, useClusters, useNamespaces } from "@/product";
import { ErrorState, Field, Input, LinkButton, Select } from "@/ui";
import { useImport } from "../queries";
import type { SourceFormProps } from "./form";
import { SubmitRow } from "./SubmitRow";

const FIELDS = ["cluster", "namespace", "selector"];
const RESERVED = /^kube-(system|public|node-lease)$/;

/** A namespace of a cluster, and which of its objects are meant. It is read by the server with the cluster's credentials. */
export function NamespaceForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const { clusters } = useClusters();
  const had = useImport(useSearchParams()[0].get("corrects") ?? "").data?.source.namespace;
  const [chosen, setChosen] = useState(had?.cluster.id ?? "");
  const [namespace, setNamespace] = useState(had?.namespace ?? "");
  const [selector, setSelector] = useState(had?.selector ?? "");
  const cluster = clusters?.find(({ id }) => id === (chosen || firstCluster(clusters)));
  const isReady = cluster?.state === "ready";
  const namespaces = useNamespaces(isReady ? cluster.id : undefined);
  const known = (namespaces.data ?? []).filter((name) => !RESERVED.test(name));
  const name = namespace.trim();
  const elsewhere = error && !FIELDS.some((field) => error.of(`source.${field}`));
  const missing = !cluster
    ? "Choose a cluster."
    : !isReady
      ? "The cluster does not respond."
      : !name
        ? "Choose a namespace."
        : "";
  if (clusters && clusters.length === 0)
    return (
      <Field label="Cluster">
        <LinkButton to="/clusters?connect=1" className="self-start">
          Connect a cluster
        </LinkButton>
      </Field>
    );
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Cluster" error={error?.of("source.cluster")}>
          <Select
            value={cluster?.id ?? ""}
            onChange={setChosen}
            options={(clusters ?? []).map((each) => ({
              value: each.id,
              label: each.name,
              icon: <StatusGlyph status={each.state} word={false} size={12} />,
            }))}
          />
        </Field>
        <Field
          label="Namespace"
          required
          error={error?.of("source.namespace")}
          help={
            namespaces.error
              ? "Its namespaces cannot be listed; type the name of one."
              : name && known.length > 0 && !known.includes(name)
                ? "The cluster has no namespace of this name."
                : undefined
          }
        >
          <Input
            mono
            list="live-namespaces"
            value={namespace}
            maxLength={63}
            onChange={(event) => setNamespace(event.target.value)}
          />
        </Field>
      </div>
      <datalist id="live-namespaces">
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field
        label="Labels"
        help="Only objects with these labels, as app=web,tier!=test. Empty for all."
        error={error?.of("source.selector")}
      >
        <Input mono value={selector} maxLength={1000} onChange={(event) => setSelector(event.target.value)} />
      </Field>
      <p className="text-12 text-muted">
        Objects are read, nothing in the cluster is changed. Values of Secrets are kept sealed. Pods, ReplicaSets and
        what else controllers make are left out.
      </p>
      {elsewhere && <ErrorState inline title="The namespace was not read" {...explain(error)} />}
      <SubmitRow
        label="Read namespace"
        isBusy={isBusy}
        missing={missing}
        onSubmit={() =>
          onSubmit({
            type: "namespace",
            cluster: cluster?.id ?? "",
            namespace: name,
            ...(selector.trim() ? { selector: selector.trim() } : {}),
          })
        }
      />
    </>
  );
}
