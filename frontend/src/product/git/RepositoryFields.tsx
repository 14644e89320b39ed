import { Lock } from "lucide-react";
import { useEffect, useState } from "react";
import type { GitBranch, GitRepository } from "@/contract";
import { connectionFor } from "@/model/gitAddresses";
import { Field, Input, RelativeTime, Segmented, Select, Tag } from "@/ui";
import { usePicking } from "../PickRows";
import { PickList } from "./PickList";
import { useGitConnections, useGitRefs, useGitRepositories } from "./queries";

export interface RepositoryChoice {
  /** "" for a public repository. */
  connection: string;
  repository: string;
  ref: string;
}

/** Where code is: by which connection, which repository, which branch. Typed, or chosen from what the server has. */
export function RepositoryFields({
  value,
  onChange,
  team,
  errors,
}: {
  value: RepositoryChoice;
  onChange: (next: RepositoryChoice) => void;
  /** Whose connections may be chosen. */
  team: string | undefined;
  errors?: { connection?: string; repository?: string; ref?: string };
}) {
  const connections = useGitConnections();
  const own = (connections.data ?? []).filter((one) => !team || one.team.id === team);
  const chosen = own.find(({ id }) => id === value.connection);
  const lists = Boolean(chosen && chosen.provider !== "git");
  // Until somebody chooses, or comes with a choice, it is the one that is for the address.
  const [isChosen, choose] = useState(value.connection !== "" || value.repository !== "");
  const fitting = connections.data ? connectionFor(value.repository, own) : value.connection;
  const follows = !isChosen && fitting !== value.connection;
  useEffect(() => {
    if (follows) onChange({ ...value, connection: fitting });
  }, [follows, fitting, value, onChange]);
  return (
    <>
      {(own.length > 0 || value.connection) && (
        <Field
          label="Git connection"
          help="What opens the repository. None for a public one."
          error={
            errors?.connection ??
            (connections.data && value.connection && !chosen
              ? "This connection is gone; choose another one, or none."
              : undefined)
          }
        >
          <Select
            value={chosen ? value.connection : ""}
            onChange={(connection) => {
              choose(true);
              onChange({ ...value, connection });
            }}
            options={[
              { value: "", label: "None: a public repository" },
              ...own.map(({ id, name, address }) => ({ value: id, label: name, hint: address })),
            ]}
          />
        </Field>
      )}
      <div className="flex items-start gap-2">
        <Field
          className="flex-1"
          label="Repository"
          required
          help="https://host/path, or git@host:path"
          error={errors?.repository}
        >
          <Input
            mono
            value={value.repository}
            onChange={(event) => onChange({ ...value, repository: event.target.value })}
          />
        </Field>
        {lists && (
          <div className="pt-5.5">
            <RepositoryPicker
              connection={value.connection}
              onPick={({ url, ssh_url, default_branch }) => {
                const isByKey = chosen && !chosen.has_token && chosen.keys.length > 0;
                onChange({ ...value, repository: (isByKey && ssh_url) || url, ref: default_branch });
              }}
            />
          </div>
        )}
      </div>
      <div className="flex items-start gap-2">
        <Field
          className="flex-1"
          label="Branch, tag or commit"
          help="If empty, the default branch."
          error={errors?.ref}
        >
          <Input mono value={value.ref} onChange={(event) => onChange({ ...value, ref: event.target.value })} />
        </Field>
        {chosen && (
          <div className="pt-5.5">
            <RefPicker
              connection={value.connection}
              repository={value.repository.trim()}
              onPick={({ name }) => onChange({ ...value, ref: name })}
            />
          </div>
        )}
      </div>
    </>
  );
}

function RepositoryPicker({ connection, onPick }: { connection: string; onPick: (row: GitRepository) => void }) {
  const picking = usePicking();
  const pages = useGitRepositories(connection, picking.q, picking.isOpen);
  return (
    <PickList label="Choose a repository" picking={picking} pages={pages} nameOf={({ name }) => name} onPick={onPick}>
      {(row) => <RepositoryRow row={row} />}
    </PickList>
  );
}

function RefPicker({
  connection,
  repository,
  onPick,
}: {
  connection: string;
  repository: string;
  onPick: (row: GitBranch) => void;
}) {
  const picking = usePicking();
  const [kind, setKind] = useState<"branches" | "tags">("branches");
  const pages = useGitRefs(connection, repository, kind, picking.q, picking.isOpen);
  return (
    <PickList
      label="Choose a branch or tag"
      disabled={!repository}
      picking={picking}
      pages={pages}
      nameOf={({ name }) => name}
      onPick={onPick}
      above={
        <Segmented
          className="m-2 w-fit"
          label="Kind"
          value={kind}
          onChange={setKind}
          options={[
            { value: "branches", label: "Branches" },
            { value: "tags", label: "Tags" },
          ]}
        />
      }
    >
      {(row) => (
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-mono text-12">{row.name}</span>
          {row.is_default && <Tag>default</Tag>}
          <span className="font-mono text-11 text-faint">{row.commit.slice(0, 7)}</span>
        </span>
      )}
    </PickList>
  );
}

function RepositoryRow({ row }: { row: GitRepository }) {
  return (
    <>
      <span className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-mono text-12 font-medium">{row.name}</span>
        {row.private && <Lock size={12} className="shrink-0 text-muted" role="img" aria-label="private" />}
        {row.updated_at && <RelativeTime at={row.updated_at} className="shrink-0 text-11 text-faint" />}
      </span>
      {row.description && <span className="truncate text-12 text-muted">{row.description}</span>}
    </>
  );
}
