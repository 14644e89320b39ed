import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { SecretKeyList, useSecretKeys, useWorkflow } from "@/product";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui";
import { useDocument, useEditor, useView } from "../state/session";

/** Which keys of this Secret have a value in the chosen environment; the values themselves are never shown. */
export function SecretsTab({ nodeId }: { nodeId: string }) {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const environments = useWorkflow(workflowId).data?.environments;
  const of = { workflow: workflowId, environment: environmentId ?? "" };
  const secrets = useSecretKeys(of);
  if (!environmentId)
    return <EmptyState title="No environment chosen">Each environment has values of its own.</EmptyState>;
  if (secrets.isPending) return <SkeletonRows rows={3} />;
  if (secrets.isError) {
    return (
      <ErrorState
        inline
        className="m-4"
        title="The keys could not be loaded"
        reason={sentence(asProblem(secrets.error).detail)}
        onRetry={() => void secrets.refetch()}
      />
    );
  }
  const node = secrets.data.nodes.find((each) => each.node_id === nodeId);
  if (!node || node.keys.length === 0)
    return (
      <EmptyState title="No keys yet">
        Add keys in the form. Their values can be set here then; the next run asks for those that are missing.
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-3 p-4">
      <SecretKeyList
        of={of}
        environment={environments?.find(({ id }) => id === environmentId)?.name ?? "the environment"}
        node={node}
        writable={!readOnly}
      />
      <p className="text-12 text-muted">
        The next run uses what is stored, and asks for what is missing. Values are never shown again, and are in no
        version, log or export.
      </p>
    </div>
  );
}
