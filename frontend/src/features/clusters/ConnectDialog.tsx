import { FileUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { readKubeconfig } from "@/model/kubeconfig";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Field, FormDialog, Input, Select, YamlEditor } from "@/ui";
import { useConnectCluster } from "./queries";

const MAX_BYTES = 512 * 1024;

export function ConnectDialog({
  onClose,
  onConnected,
}: {
  onClose: () => void;
  onConnected: (cluster: Cluster) => void;
}) {
  const connect = useConnectCluster();
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "admin"));
  const chooser = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [tried, setTried] = useState(false);
  const [fileError, setFileError] = useState<string>();
  const config = useMemo(() => readKubeconfig(text), [text]);
  const problem = connect.error ? asProblem(connect.error) : null;
  const suggested = slug(config.current ?? "");
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_BYTES) {
      setFileError(`${file.name} is larger than 512 KB; a kubeconfig is a few KB.`);
      return;
    }
    setFileError(undefined);
    setText(await file.text());
  };
  const submit = () => {
    setTried(true);
    if (connect.isPending || !text.trim() || config.problem || !(name.trim() || suggested)) return;
    connect.mutate(
      { name: name.trim() || suggested, kubeconfig: text, ...(teams.length > 1 ? { team } : {}) },
      { onSuccess: onConnected },
    );
  };
  const summary = problem?.besides(["name"]);
  const textError =
    fileError ?? config.problem ?? (tried && !text.trim() ? "Choose a file or paste its text." : undefined);
  return (
    <FormDialog
      size="lg"
      title="Connect a cluster"
      description="The credentials are stored encrypted and used only by this server. Connecting changes nothing in the cluster."
      onSubmit={submit}
      submit={connect.isPending ? "Connecting" : "Connect"}
      busy={connect.isPending}
      onClose={onClose}
      failure={
        problem && summary && { title: "The cluster was not connected", reason: summary, details: problem.describe() }
      }
    >
      <div className="flex flex-col gap-1.5">
        <div className="flex items-center justify-between gap-3">
          <span className="text-12 font-medium">
            Kubeconfig{" "}
            <span className="text-bad" aria-hidden>
              *
            </span>
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
        <YamlEditor label="Kubeconfig" className="h-56" value={text} onChange={setText} />
        {textError ? (
          <p role="alert" className="text-12 text-bad">
            {textError}
          </p>
        ) : (
          <p className="text-12 text-muted">
            {config.server ? (
              <>
                Context <code className="font-mono">{config.current ?? "(first)"}</code> at{" "}
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
      <Field
        label="Name"
        required
        error={
          problem?.of("name") ?? (tried && !name.trim() && !suggested ? "Enter a name for the cluster." : undefined)
        }
      >
        <Input
          mono
          maxLength={63}
          value={name}
          placeholder={suggested || "staging"}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      {teams.length > 1 && (
        <Field label="Team" help="Members of this team can run workflows in the cluster.">
          <Select
            value={team}
            onChange={setTeam}
            options={teams.map((each) => ({ value: each.id, label: each.name }))}
          />
        </Field>
      )}
    </FormDialog>
  );
}
