import type { PlanObject } from "@/contract";
import { LeftField } from "./LeftField";
import { AddedNote } from "./notes";

/** What of an object a run leaves alone: fields that are left to others, and what others added. */
export function LeftFields({ object: { yielded, added } }: { object: Pick<PlanObject, "yielded" | "added"> }) {
  return (
    <>
      {yielded.map((one) => (
        <LeftField key={one.path} path={one.path} name={one.name} values={one} ends={one.ends}>
          {one.ends && (
            <span className="block text-muted">The object is made anew, so the run sets it and it is ours again.</span>
          )}
        </LeftField>
      ))}
      <AddedNote added={added} />
    </>
  );
}
