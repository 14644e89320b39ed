import { useState } from "react";
import { useNavigate } from "react-router";
import { makePlan } from "@/api";
import type { Version, Workflow } from "@/contract";
import { PreviewDialog } from "@/product";
import { Field, Select } from "@/ui";

/** Runs a version as it was saved, after its plan in the chosen environment. */
export function RunVersionDialog({
  workflow,
  version: { number },
  onClose,
}: {
  workflow: Workflow;
  version: Version;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [environment, setEnvironment] = useState(workflow.environments[0]?.id ?? "");
  const name = workflow.environments.find((each) => each.id === environment)?.name ?? "";
  return (
    <PreviewDialog
      title={`Run v${number} in ${name}`}
      description="It runs as it was saved, with the variables the environment has now. The graph in the editor stays as it is."
      request={[workflow.id, environment, number]}
      make={() => makePlan(workflow.id, { environment, version: number })}
      verb={`Run v${number}`}
      onClose={onClose}
      onStarted={(run) => void navigate(`/runs/${run.id}`)}
    >
      {workflow.environments.length > 1 && (
        <Field label="Environment">
          <Select
            value={environment}
            onChange={setEnvironment}
            options={workflow.environments.map((each) => ({
              value: each.id,
              label: each.name,
              hint: `${each.cluster.name}/${each.namespace}`,
            }))}
          />
        </Field>
      )}
    </PreviewDialog>
  );
}
