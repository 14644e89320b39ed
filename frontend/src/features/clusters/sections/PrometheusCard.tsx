import { Pencil, Plus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { Button, Card, Field, FormDialog, Input, Tag } from "@/ui";
import { useSetPrometheus } from "../queries";

/** Where the Prometheus server of the cluster is, for what was used before anybody looked. */
export function PrometheusCard({ cluster, mayEdit }: { cluster: Cluster; mayEdit: boolean }) {
  const [edits, setEdits] = useState(false);
  return (
    <Card
      title="Prometheus"
      description="Tells what was used before anybody looked, and what is used now where nothing else measures."
      actions={
        mayEdit && (
          <Button
            size="sm"
            icon={cluster.prometheus ? <Pencil size={14} aria-hidden /> : <Plus size={14} aria-hidden />}
            onClick={() => setEdits(true)}
          >
            {cluster.prometheus ? "Edit" : "Add"}
          </Button>
        )
      }
    >
      {cluster.prometheus ? (
        <p className="flex flex-wrap items-center gap-2">
          <code className="text-13 break-all">{cluster.prometheus}</code>
          {cluster.prometheus_labels && <Tag className="font-mono">{cluster.prometheus_labels}</Tag>}
        </p>
      ) : (
        <p className="text-13 text-muted">
          None is named. Figures come from metrics-server or the kubelets, and are kept while somebody looks.
        </p>
      )}
      {edits && <EditPrometheus cluster={cluster} onClose={() => setEdits(false)} />}
    </Card>
  );
}

function EditPrometheus({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const save = useSetPrometheus(cluster.id);
  const [address, setAddress] = useState(cluster.prometheus);
  const [labels, setLabels] = useState(cluster.prometheus_labels);
  const problem = save.error ? asProblem(save.error) : null;
  const summary = problem?.besides(["prometheus", "labels"]);
  return (
    <FormDialog
      title={`Prometheus of ${cluster.name}`}
      onSubmit={() =>
        !save.isPending && save.mutate({ prometheus: address.trim(), labels: labels.trim() }, { onSuccess: onClose })
      }
      submit={save.isPending ? "Asking it" : "Save"}
      busy={save.isPending}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field
        label="Address"
        help="monitoring/prometheus:9090 for a Service of the cluster, which its API server passes requests on to; or https://prometheus.example.com. Leave it empty for none."
        error={problem?.of("prometheus")}
      >
        <Input
          autoFocus
          mono
          maxLength={500}
          placeholder="monitoring/prometheus:9090"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
      </Field>
      <Field
        label="Labels of this cluster"
        help="Where the server has figures of several clusters: the labels that tell this one, such as cluster=east."
        error={problem?.of("labels")}
      >
        <Input
          mono
          maxLength={500}
          placeholder="cluster=east"
          value={labels}
          onChange={(event) => setLabels(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
