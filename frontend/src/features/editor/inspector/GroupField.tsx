import { useState } from "react";
import { cleanTitle, commonTitle, retitle, TITLE_MOST } from "@/model/groups";
import { Button, Field, Input } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** The title of the frame around these nodes. One that is written makes the frame or renames it, once it is whole. */
export function GroupField({ ids }: { ids: readonly string[] }) {
  const session = useEditor();
  const title = useDocument((state) => commonTitle(state.document, ids));
  const readOnly = useDocument((state) => state.readOnly);
  const [typed, setTyped] = useState<string | null>(null);
  const set = (text: string): void => {
    const { document, apply } = session.document.getState();
    setTyped(null);
    if (cleanTitle(text) !== title) apply(retitle(document, ids, text));
    session.document.getState().seal();
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
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && typed !== null) set(typed);
            if (event.key === "Escape") setTyped(null);
          }}
          onBlur={() => {
            if (typed !== null) set(typed);
          }}
        />
        {!readOnly && title !== "" && <Button onClick={() => set("")}>Ungroup</Button>}
      </div>
    </Field>
  );
}
