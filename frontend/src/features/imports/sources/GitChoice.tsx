import { useState } from "react";
import type { Import, ImportProposal } from "@/contract";
import { sizeWord } from "@/model/importFiles";
import { plural, sentence } from "@/model/words";
import { explain } from "@/product";
import { Button, Checkbox, ErrorState } from "@/ui";
import { useChoose } from "../queries";

const WORDS = {
  compose: "Compose project",
  chart: "Helm chart",
  kustomize: "Kustomization",
  manifests: "Kubernetes manifests",
  dockerfile: "Dockerfile",
} as const satisfies Record<ImportProposal["type"], string>;

interface Choice {
  readonly type: ImportProposal["type"];
  readonly paths: readonly string[];
}

/** What a proposal means when it is chosen as it is. */
const usual = (one: ImportProposal): Choice => ({
  type: one.type,
  paths: one.type === "compose" ? one.taken : [one.path],
});

/** What a repository has, and which of it is imported: one project, or folders of one kind. */
export function GitChoice({ found, mayEdit, onChosen }: { found: Import; mayEdit: boolean; onChosen: () => void }) {
  const choose = useChoose(found.id);
  const first = found.found.find((one) => one.why_not === "");
  const [choice, setChoice] = useState<Choice | null>(found.choice ?? (first ? usual(first) : null));
  const git = found.source.git;
  const send = (): void => {
    if (choice) choose.mutate(choice, { onSuccess: onChosen });
  };
  return (
    <div className="flex max-w-200 flex-col gap-4 px-5 pb-10">
      {git && <Commit git={git} />}
      <ul aria-label="Found" className="rounded-card border border-line bg-surface">
        {found.found.map((one) => (
          <li key={`${one.type} ${one.path}`} className="border-b border-line px-3 py-2 last:border-b-0">
            <Proposal one={one} choice={choice} mayEdit={mayEdit} onChoose={setChoice} />
          </li>
        ))}
      </ul>
      {git && git.not_read.length > 0 && (
        <div className="text-12 text-muted">
          <p>Not read:</p>
          <ul>
            {git.not_read.map((one) => (
              <li key={one} className="break-all">
                {sentence(one)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {choose.error && <ErrorState inline title="It was not taken" {...explain(choose.error)} />}
      {mayEdit && (
        <div className="flex justify-end">
          <Button tone="primary" busy={choose.isPending} disabled={!choice || choice.paths.length === 0} onClick={send}>
            Convert
          </Button>
        </div>
      )}
    </div>
  );
}

interface ProposalProps {
  readonly one: ImportProposal;
  readonly choice: Choice | null;
  readonly mayEdit: boolean;
  readonly onChoose: (choice: Choice) => void;
}

function Proposal({ one, choice, mayEdit, onChoose }: ProposalProps) {
  const isMine = (path: string): boolean => choice?.type === one.type && choice.paths.includes(path);
  const isChosen = one.type === "compose" ? one.files.some(isMine) : isMine(one.path);
  /** Folders of one kind may be chosen together; a Compose project stands alone. */
  const set = (on: boolean): void => {
    const together = one.type === "manifests" && choice?.type === one.type ? choice.paths : [];
    const others = together.filter((path) => path !== one.path);
    if (!on) onChoose({ type: one.type, paths: others });
    else onChoose(one.type === "manifests" ? { type: one.type, paths: [...others, one.path] } : usual(one));
  };
  const merge = (path: string, on: boolean): void => {
    const paths = isChosen ? (choice?.paths ?? []) : [];
    onChoose({ type: one.type, paths: on ? [...paths, path] : paths.filter((other) => other !== path) });
  };
  const place = one.path === "" ? "at the top" : one.path;
  const also = one.part_of && `; part of ${one.part_of}, which is imported with it`;
  const more = one.why_not || `${plural(one.file_count, "file")}, ${sizeWord(one.bytes)}${also}`;
  return (
    <>
      <Checkbox
        checked={isChosen}
        disabled={one.why_not !== "" || !mayEdit}
        onChange={set}
        label={
          <span className="break-all">
            {WORDS[one.type]} <span className="font-mono text-12">{place}</span>
          </span>
        }
        help={sentence(more)}
      />
      {one.type === "compose" && one.files.length > 1 && one.why_not === "" && (
        <ul aria-label={`Compose files ${place}`} className="mt-2 flex flex-col gap-1 pl-6">
          {one.files.map((path) => (
            <li key={path}>
              <Checkbox
                checked={isMine(path)}
                disabled={!mayEdit}
                onChange={(on) => merge(path, on)}
                label={
                  <span className="font-mono text-12 break-all">
                    {path.slice(one.path === "" ? 0 : one.path.length + 1)}
                    {isMine(path) && one.files.length > 1 ? ` (${(choice?.paths.indexOf(path) ?? 0) + 1})` : ""}
                  </span>
                }
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Which commit it is. */
function Commit({ git }: { git: NonNullable<Import["source"]["git"]> }) {
  return (
    <p className="text-13 wrap-anywhere">
      <span className="font-mono text-12">{git.url}</span>
      {git.found_at && <>, {git.found_at}</>}
      {git.commit && (
        <>
          , commit{" "}
          <span className="font-mono text-12" title={git.commit}>
            {git.commit.slice(0, 12)}
          </span>
        </>
      )}
      {git.host_key && (
        <>
          , {git.host_key.is_new ? "first seen key of the server" : "key of the server"}{" "}
          <span className="font-mono text-12">{git.host_key.fingerprint}</span>
        </>
      )}
      {git.subject && <span className="text-muted"> {git.subject}</span>}
    </p>
  );
}
