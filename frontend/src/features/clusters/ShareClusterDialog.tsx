import { Plus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster, Share, ShareRole } from "@/contract";
import { nameProblem } from "@/model/names";
import { namespacesToOffer, withNamespace } from "@/model/namespaces";
import { useNamespaces } from "@/product";
import { Button, Checkbox, Field, FormDialog, Input, Segmented, Select } from "@/ui";
import { useChangeShare, useShareCluster } from "./queries";

const ROLES: readonly { value: ShareRole; label: string; hint: string }[] = [
  { value: "viewer", label: "viewer", hint: "looks, and reads logs" },
  { value: "editor", label: "editor", hint: "runs workflows, and changes what is there" },
  { value: "operator", label: "operator", hint: "as editor, and operates what is protected" },
];

/** Shares a cluster with a team or a person: by a role, in some namespaces. Or changes that, of the share `edited`. */
export function ShareClusterDialog({
  cluster,
  edited,
  onClose,
}: {
  cluster: Cluster;
  edited?: Share;
  onClose: () => void;
}) {
  const begin = useShareCluster(cluster.id);
  const change = useChangeShare(cluster.id);
  const share = edited ? change : begin;
  const known = useNamespaces(cluster.id);
  const [whom, setWhom] = useState<"team" | "person">(edited?.person ? "person" : "team");
  const [name, setName] = useState(edited?.name ?? "");
  const [role, setRole] = useState<ShareRole>(edited?.role ?? "editor");
  const [follows, setFollows] = useState(edited !== undefined && edited.namespaces === null);
  const [text, setText] = useState(edited?.namespaces?.join(", ") ?? "");
  const [tried, setTried] = useState(false);
  const namespaces = text.split(/[\s,]+/).filter(Boolean);
  const named = whom === "person" || !follows;
  const problem = share.error ? asProblem(share.error) : null;
  const summary = problem?.besides(["team", "person", "namespaces"]);
  const unknown = known.data && namespaces.find((one) => nameProblem(one) === null && !known.data.includes(one));
  const offered = namespacesToOffer(known.data ?? [], namespaces);
  const submit = () => {
    setTried(true);
    if (share.isPending || !name.trim() || (named && namespaces.length === 0)) return;
    const given = { role, namespaces: named ? namespaces : null };
    if (edited) change.mutate({ id: edited.id, ...given }, { onSuccess: onClose });
    else begin.mutate({ [whom]: name.trim(), ...given }, { onSuccess: onClose });
  };
  return (
    <FormDialog
      title={edited ? `Share with ${edited.name}` : `Share ${cluster.name}`}
      description={
        edited
          ? "What it no longer allows ends at once, also for runs, logs and terminals that are open."
          : cluster.impersonates
            ? "The cluster gets a RoleBinding for the share in each namespace, which goes with the share."
            : "KubeOrch alone holds the share, since the credentials of this cluster may not impersonate."
      }
      onSubmit={submit}
      submit={edited ? (share.isPending ? "Saving" : "Save") : share.isPending ? "Sharing" : "Share"}
      busy={share.isPending}
      onClose={onClose}
      failure={
        problem &&
        summary && {
          title: edited ? "It is shared as before" : "It was not shared",
          reason: summary,
          details: problem.describe(),
        }
      }
    >
      {!edited && (
        <>
          <Segmented
            label="With whom"
            value={whom}
            onChange={setWhom}
            options={[
              { value: "team", label: "A team" },
              { value: "person", label: "A person" },
            ]}
          />
          <Field
            label={whom === "team" ? "Team" : "E-mail address"}
            required
            help={whom === "person" ? "People look inside and act there; workflows run for teams." : undefined}
            error={
              problem?.of(whom) ??
              (tried && !name.trim()
                ? `Enter the ${whom === "team" ? "name of the team" : "e-mail address of the person"}.`
                : undefined)
            }
          >
            <Input autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        </>
      )}
      <Field label="Role" help={ROLES.find(({ value }) => value === role)?.hint}>
        <Select value={role} onChange={setRole} options={ROLES} />
      </Field>
      {whom === "team" && (
        <Checkbox
          checked={follows}
          onChange={setFollows}
          label="Namespaces that its own runs make"
          help="The team's runs may make namespaces. Those that are there already stay yours. KubeOrch alone holds such a share."
        />
      )}
      {named && (
        <Field
          label="Namespaces"
          required
          help={
            unknown
              ? `The cluster has no namespace ${unknown} yet.`
              : "With commas or spaces between them: shop, shop-test"
          }
          error={
            problem?.of("namespaces") ??
            (tried && namespaces.length === 0 ? "Name the namespaces that are shared." : undefined)
          }
        >
          <Input mono value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
      )}
      {named && offered.length > 0 && (
        <div role="group" aria-label="Namespaces of the cluster" className="-mt-2 flex flex-wrap gap-1.5">
          {offered.map((one) => (
            <Button
              key={one}
              size="sm"
              className="max-w-full font-mono"
              icon={<Plus size={14} aria-hidden />}
              aria-label={`Share ${one}`}
              onClick={() => setText(withNamespace(known.data ?? [], namespaces, one).join(", "))}
            >
              <span className="truncate">{one}</span>
            </Button>
          ))}
        </div>
      )}
    </FormDialog>
  );
}
