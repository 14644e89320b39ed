import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { asProblem, fetchServiceAccount } from "@/api";
import { sentence } from "@/model/words";
import { clustersKey } from "@/product";
import { Button, Checkbox, CodeView, Field, Input, saveFile, Segmented } from "@/ui";

const FILE = "kubeorch-account.yaml";

/** Makes a service account with the least rights: a manifest to apply, and the commands that give its token. */
export function AccountHelp() {
  const [scope, setScope] = useState<"cluster" | "namespaces">("cluster");
  const [namespaces, setNamespaces] = useState("");
  const [sharing, setSharing] = useState(false);
  const named = namespaces
    .split(/[\s,]+/)
    .filter(Boolean)
    .join(",");
  const asked = { namespaces: scope === "namespaces" ? named : "", sharing: scope === "cluster" && sharing };
  const isReady = scope === "cluster" || named !== "";
  const account = useQuery({
    queryKey: [...clustersKey, "service-account", asked],
    queryFn: ({ signal }) => fetchServiceAccount(asked, signal),
    enabled: isReady,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const manifest = account.data?.manifest;
  return (
    <details className="rounded border border-line bg-sunken">
      <summary className="rounded px-3 py-2 text-13 font-medium">Make the account for me</summary>
      <div className="flex flex-col gap-3 border-t border-line px-3 py-3">
        <Segmented
          label="Where it may work"
          value={scope}
          onChange={setScope}
          options={[
            { value: "cluster", label: "Whole cluster" },
            { value: "namespaces", label: "Some namespaces" },
          ]}
        />
        {scope === "namespaces" ? (
          <Field
            label="Namespaces"
            help="They have to exist. Nodes and other namespaces stay hidden from KubeOrch."
            error={account.error ? sentence(asProblem(account.error).detail) : undefined}
          >
            <Input
              mono
              value={namespaces}
              placeholder="shop, shop-test"
              onChange={(event) => setNamespaces(event.target.value)}
            />
          </Field>
        ) : (
          <Checkbox
            checked={sharing}
            onChange={setSharing}
            label="Let the cluster itself hold other teams to what you share with them"
            help="Adds the right to impersonate, and to bind the roles view, edit and admin. Without it KubeOrch alone holds them."
          />
        )}
        {isReady && account.data && manifest !== undefined && (
          <>
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p className="text-12 text-muted">1. Save the manifest, read it, and apply it.</p>
              <Button size="sm" icon={<Download size={14} aria-hidden />} onClick={() => saveFile(FILE, manifest)}>
                Download {FILE}
              </Button>
            </div>
            <CodeView label="Manifest" code={manifest} className="max-h-48 overflow-auto" />
            <CodeView label="Apply" code={account.data.commands.apply} wrap />
            <p className="text-12 text-muted">2. Copy what these print into the form: token, authority, API server.</p>
            <CodeView label="Print the token" code={account.data.commands.token} wrap />
            <CodeView label="Print the certificate authority" code={account.data.commands.ca} wrap />
            <CodeView label="Print the API server" code={account.data.commands.server} wrap />
          </>
        )}
      </div>
    </details>
  );
}
