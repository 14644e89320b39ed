import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { makePlan } from "@/api";
import type { Import, Plan } from "@/contract";
import { adoptionOf, movesOf, type ManagerMoves } from "@/model/adoption";
import { refKey } from "@/model/planWords";
import { plural } from "@/model/words";
import { ObjectLine, PreviewDialog, useWorkflow } from "@/product";
import { Button, Card, SkeletonRows, Tag } from "@/ui";

/** The last step of a live namespace: its objects become those of the workflow, which a trial shows to stay as they are. */
export function NamespaceTakeOver({ found }: { found: Import }) {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const workflowId = found.workflow?.id ?? "";
  const workflow = useWorkflow(workflowId);
  const facts = found.source.namespace;
  const environment = workflow.data?.environments.find(
    (one) => one.cluster.id === facts?.cluster.id && one.namespace === facts.namespace,
  );
  if (!workflow.data || !facts) return <SkeletonRows className="pt-4" />;
  if (!environment)
    return (
      <Card title="Nothing to take over">
        <p className="text-13">
          {workflow.data.name} does not run in the namespace {facts.namespace} of {facts.cluster.name}. Its objects stay
          with whoever made them.
        </p>
      </Card>
    );
  return (
    <Card
      title={`Take over what is in ${facts.namespace}`}
      description={`The workflow ${workflow.data.name} is made. Until it takes the objects over they are somebody else's, and its runs leave them alone.`}
    >
      <div className="flex flex-col gap-3 text-13">
        <p>
          Every object is tried in the cluster first: you see that nothing of it changes but the labels that KubeOrch
          sets (app, app.kubernetes.io/… and kubeorch.dev/…, where they are missing), and whose fields change hands.
          Pods go on as they are. Afterwards the workflow is where they are changed. What you remove from it, or
          undeploy, is given back as it is, unless a run is told to delete data, too.
        </p>
        <Button tone="primary" className="self-start" onClick={() => setOpen(true)}>
          Try it
        </Button>
      </div>
      {isOpen && (
        <PreviewDialog
          title={`Take over what is in ${facts.namespace}`}
          description={`In the environment ${environment.name} of ${workflow.data.name}`}
          request={["adopt", workflowId, environment.id]}
          make={() => makePlan(workflowId, { environment: environment.id, adopt: true })}
          verb="Take over"
          onClose={() => setOpen(false)}
          onStarted={(run) => void navigate(`/runs/${run.id}`)}
        >
          {(plan) => plan && <Proof plan={plan} />}
        </PreviewDialog>
      )}
    </Card>
  );
}

function Proof({ plan }: { plan: Plan }) {
  const { taken, changing, stopped, others } = adoptionOf(plan);
  const said =
    taken.length === 0
      ? "There is nothing to take over: the objects are the workflow's already, or somebody else's."
      : stopped.length > 0
        ? `${plural(stopped.length, "object")} of ${taken.length} cannot be taken over as ${stopped.length === 1 ? "it is" : "they are"}.`
        : changing.length === 0
          ? `${plural(taken.length, "object")} ${taken.length === 1 ? "stays as it is" : "stay as they are"} but for labels of KubeOrch, which the updates below set; no pod is touched.`
          : `${plural(changing.length, "object")} of ${taken.length} would change; look at the fields below.`;
  const isFine = changing.length === 0 && stopped.length === 0;
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className={isFine ? "text-13 font-medium" : "text-13 font-medium text-warn"}>
        {said}
      </p>
      {stopped.length > 0 && (
        <p className="text-13">
          Choose what becomes of the fields that others hold{" "}
          <Link
            className="rounded text-accent-text hover:underline"
            to={`/workflows/${plan.workflow.id}?plan=${plan.id}`}
          >
            in the plan
          </Link>
          , and run it there.
        </p>
      )}
      {others.length > 0 && (
        <p className="text-12 text-muted">
          {plural(others.length, "object")} of the workflow {others.length === 1 ? "is" : "are"} not taken over, since{" "}
          {others.length === 1 ? "it is" : "they are"} not there or belong to another environment.
        </p>
      )}
      <ul aria-label="Fields that change hands" className="flex flex-col gap-1">
        {movesOf(taken).map((one) => (
          <li key={one.name}>
            <Moves of={one} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Moves({ of: { name, leaves, repeats, count, objects } }: { of: ManagerMoves }) {
  return (
    <details className="text-12">
      <summary className="w-fit rounded-sm hover:text-text">
        {leaves
          ? `${plural(count, "field")} of ${plural(objects.length, "object")} ${count === 1 ? "moves" : "move"} from ${name} to KubeOrch`
          : `${name} stays an owner beside KubeOrch, of ${plural(objects.length, "object")}`}{" "}
        {repeats && <Tag tone="warn">applies again and again</Tag>}
      </summary>
      {repeats && (
        <p className="mt-1 text-warn">
          It would put its own state back after each change here. Take the objects out of it first.
        </p>
      )}
      <ul className="mt-1 flex flex-col gap-1.5 pl-4">
        {objects.map((one) => (
          <li key={refKey(one.object.ref)}>
            <details>
              <summary className="w-fit rounded-sm hover:text-text">
                <ObjectLine of={one.object.ref} note={plural(one.count, "field")} />
              </summary>
              <ul className="pl-4 font-mono text-muted">
                {one.fields.map((path) => (
                  <li key={path} className="wrap-anywhere">
                    {path}
                  </li>
                ))}
                {one.count > one.fields.length && <li>and {one.count - one.fields.length} more</li>}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </details>
  );
}
