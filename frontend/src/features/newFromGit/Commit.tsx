import type { Detection } from "@/contract";

/** Which commit of which repository. */
export function Commit({ of }: { of: Detection }) {
  return (
    <span className="flex min-w-0 flex-wrap gap-x-2 gap-y-0.5">
      <span className="font-mono break-all">{of.repository}</span>
      <span>{of.found_at || of.ref || "default branch"}</span>
      {of.root && <span className="font-mono break-all">{of.root}</span>}
      {of.commit && (
        <span className="font-mono" title={of.commit}>
          {of.commit.slice(0, 12)}
        </span>
      )}
      {of.message && <span className="max-w-120 truncate">{of.message}</span>}
    </span>
  );
}
