import { Pencil } from "lucide-react";
import { useState } from "react";
import { asProblem, type ResourceAddress } from "@/api";
import type { Mark } from "@/contract";
import { Button, Card, Field, FormDialog, Input, RelativeTime, Skeleton, Tag, Textarea } from "@/ui";
import { useMark, useSaveMark } from "./marks";

const NOTE_MOST = 2000;

/** What one has noted of the object: for oneself, kept by KubeOrch and not in the cluster. */
export function MarkCard({ address }: { address: ResourceAddress }) {
  const { mark, isPending } = useMark(address);
  const [edits, setEdits] = useState(false);
  const { note = "", labels = [] } = mark ?? {};
  return (
    <Card
      title="Your notes"
      description="Only you see them. They are kept here, and not in the cluster."
      actions={
        <Button size="sm" icon={<Pencil size={14} aria-hidden />} disabled={isPending} onClick={() => setEdits(true)}>
          {note || labels.length > 0 ? "Edit" : "Add"}
        </Button>
      }
    >
      {isPending ? (
        <Skeleton className="h-5 w-60" />
      ) : note || labels.length > 0 ? (
        <div className="flex flex-col gap-2">
          {note && <p className="text-13 wrap-anywhere whitespace-pre-wrap">{note}</p>}
          {labels.length > 0 && (
            <div className="flex flex-wrap gap-1.5">
              {labels.map((label) => (
                <Tag key={label}>{label}</Tag>
              ))}
            </div>
          )}
          <p className="text-12 text-muted">
            Noted <RelativeTime at={mark?.updated_at} className="inline" />
          </p>
        </div>
      ) : (
        <p className="text-13 text-muted">You have noted nothing of it.</p>
      )}
      {edits && <EditNotes address={address} mark={mark} onClose={() => setEdits(false)} />}
    </Card>
  );
}

function EditNotes({
  address,
  mark,
  onClose,
}: {
  address: ResourceAddress;
  mark: Mark | undefined;
  onClose: () => void;
}) {
  const save = useSaveMark(address);
  const [note, setNote] = useState(mark?.note ?? "");
  const [labels, setLabels] = useState((mark?.labels ?? []).join(", "));
  const problem = save.error ? asProblem(save.error) : null;
  const wrong = problem?.errors.find(({ field }) => field?.startsWith("labels"))?.detail;
  const summary = problem && !wrong && problem.besides(["note"]);
  const submit = () => {
    if (save.isPending) return;
    const words = labels
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
    save.mutate({ favourite: mark?.favourite ?? false, note, labels: words }, { onSuccess: onClose });
  };
  return (
    <FormDialog
      title={`Your notes on ${address.name}`}
      onSubmit={submit}
      submit={save.isPending ? "Saving" : "Save"}
      busy={save.isPending}
      onClose={onClose}
      failure={summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field label="Note" error={problem?.of("note")}>
        <Textarea
          autoFocus
          rows={5}
          maxLength={NOTE_MOST}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </Field>
      <Field label="Labels of your own" help="With commas between them: mine, ask Ada" error={wrong}>
        <Input value={labels} onChange={(event) => setLabels(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
