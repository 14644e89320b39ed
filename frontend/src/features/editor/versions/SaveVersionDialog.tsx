import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Field, FormDialog, Input, Textarea } from "@/ui";
import { useSaveVersion } from "../queries";
import { useEditor } from "../state/session";

/** Saves the graph as it is now under a name. */
export function SaveVersionDialog({ onClose }: { onClose: () => void }) {
  const session = useEditor();
  const save = useSaveVersion(session.workflowId);
  const [name, setName] = useState("");
  const [tag, setTag] = useState("");
  const [description, setDescription] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (): Promise<void> => {
    if (name.trim() === "" || save.isPending) return;
    setError(null);
    try {
      await session.autosaver.flush();
      await save.mutateAsync({
        name: name.trim(),
        ...(tag.trim() ? { tag: tag.trim() } : {}),
        ...(description.trim() ? { description: description.trim() } : {}),
      });
      onClose();
    } catch (failed) {
      setError(sentence(asProblem(failed).detail));
    }
  };
  return (
    <FormDialog
      size="sm"
      title="Save version"
      description="Saves the graph as it is now under a name."
      onSubmit={() => void submit()}
      submit="Save version"
      busy={save.isPending}
      disabled={name.trim() === ""}
      onClose={onClose}
      failure={error && { title: "The version was not saved", reason: error }}
    >
      <Field label="Name" required>
        <Input
          autoFocus
          value={name}
          maxLength={120}
          placeholder="Before the price change"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Tag">
        <Input mono value={tag} maxLength={40} placeholder="v1.2" onChange={(event) => setTag(event.target.value)} />
      </Field>
      <Field label="Description">
        <Textarea
          rows={3}
          value={description}
          maxLength={2000}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
