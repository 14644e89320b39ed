import { useState } from "react";
import { commonTitle, group, TITLE_MOST } from "@/model/groups";
import { Button, Field, Input } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** The title of the frame around these nodes: one that is written makes the frame, or renames it. */
export function GroupField({ ids }: { ids: readonly string[] }) {
  const session = useEditor();
  const title = useDocument((state) => commonTitle(state.document, ids));
  const readOnly = useDocument((state) => state.readOnly);
  const [typed, setTyped] = useState<string | null>(null);
  const set = (text: string): void => {
    const { document, apply } = session.document.getState();
    apply(group(document, ids, text));
  };
  return (
    <Field label="Group" help="The title of the frame around it on the canvas. It changes nothing in the cluster.">
      <div className="flex gap-2">
        <Input
          className="min-w-0 flex-1"
          value={typed ?? title ?? ""}
          placeholder={title === null ? "Several" : "None"}
          readOnly={readOnly}
          maxLength={TITLE_MOST}
          onChange={(event) => {
            // A space at the end is kept while somebody types on.
            setTyped(event.target.value);
            set(event.target.value);
          }}
          onBlur={() => {
            setTyped(null);
            session.document.getState().seal();
          }}
        />
        {!readOnly && title !== "" && (
          <Button
            onClick={() => {
              setTyped(null);
              set("");
            }}
          >
            Ungroup
          </Button>
        )}
      </div>
    </Field>
  );
}
