import { useState } from "react";
import { explain, usePossibleActions, type ResourceTabProps } from "@/product";
import { Button, CopyButton, ErrorState, SkeletonRows, YamlEditor } from "@/ui";
import { EditReview } from "../EditReview";
import { useResourceYaml } from "../queries";

/** The object as YAML, to read and to edit: an edit is tried before it is applied. */
export default function YamlTab({ clusterId, kind, namespace, name, resource }: ResourceTabProps) {
  const address = { clusterId, kind, namespace, name };
  const { data, error, isPending, isFetching, refetch } = useResourceYaml(address);
  const edit = usePossibleActions(address, resource.resource_version).data?.results.find(
    ({ action }) => action === "edit",
  );
  const [draft, setDraft] = useState<string | null>(null);
  const [base, setBase] = useState("");
  const [reviews, setReviews] = useState(false);
  const [showsManaged, setShowsManaged] = useState(false);
  if (isPending) return <SkeletonRows rows={10} />;
  if (!data)
    return <ErrorState title="The YAML could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  const isEditing = draft !== null;
  const isChanged = isEditing && draft !== base;
  const isOld = data.resource_version !== resource.resource_version;
  return (
    <div className="flex h-full min-h-96 flex-col gap-3 p-5">
      <div className="flex flex-wrap items-center gap-2">
        {isEditing ? (
          <>
            <Button tone="primary" disabled={!isChanged} onClick={() => setReviews(true)}>
              Review changes
            </Button>
            <Button tone="ghost" onClick={() => setDraft(null)}>
              Discard
            </Button>
            {isOld && (
              <span className="text-12 text-muted">
                The object has changed meanwhile. Your edit is made on it as it is now.
              </span>
            )}
          </>
        ) : (
          <>
            <Button
              disabled={!edit?.allowed}
              title={edit?.reason}
              onClick={() => {
                setBase(data.yaml);
                setDraft(data.yaml);
              }}
            >
              Edit
            </Button>
            <Button tone="ghost" busy={isFetching} onClick={() => void refetch()}>
              {isOld ? "Read again: it has changed" : "Read again"}
            </Button>
            {edit && !edit.allowed && <span className="text-12 text-muted">Not editable: {edit.reason}.</span>}
          </>
        )}
        <span className="ml-auto">
          <CopyButton text={draft ?? data.yaml} />
        </span>
      </div>
      <YamlEditor
        label={`YAML of ${name}`}
        className="min-h-80 flex-1"
        value={draft ?? data.yaml}
        readOnly={!isEditing}
        onChange={isEditing ? setDraft : undefined}
      />
      {data.managed_fields && (
        <details
          className="text-13"
          open={showsManaged}
          onToggle={(event) => setShowsManaged(event.currentTarget.open)}
        >
          <summary className="cursor-pointer text-muted">managedFields: who manages which field</summary>
          {showsManaged && (
            <YamlEditor label="managedFields" className="mt-2 h-72" value={data.managed_fields} readOnly />
          )}
        </details>
      )}
      {reviews && draft !== null && (
        <EditReview
          address={address}
          base={base}
          yaml={draft}
          onClose={() => setReviews(false)}
          onWritten={() => {
            setReviews(false);
            setDraft(null);
            void refetch();
          }}
        />
      )}
    </div>
  );
}
