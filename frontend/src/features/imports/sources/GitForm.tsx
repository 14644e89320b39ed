import { useState } from "react";
import { useSearchParams } from "react-router";
import { explain, useGitConnections } from "@/product";
import { Checkbox, ErrorState, Field, Input, Select, Textarea } from "@/ui";
import { useImport } from "../queries";
import type { SourceFormProps } from "./form";
import { SubmitRow } from "./SubmitRow";
import { credentialOf, NO_TOKEN, TokenFields } from "./TokenFields";

const FIELDS = [
  "url",
  "ref",
  "path",
  "credential",
  "credential.token",
  "credential.private_key",
  "host_key",
  "connection",
];
/** `git@host:path` and `ssh://…`. */
const isSsh = (url: string): boolean => /^ssh:|^(?!.*:\/\/)[^/]+:/.test(url.trim());

/** A repository, and what in it is meant. It is fetched by the server, so a private one needs a credential. */
export function GitForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const [asked] = useSearchParams();
  const before = useImport(asked.get("corrects") ?? "").data;
  const had = before?.source.git;
  const [url, setUrl] = useState(had?.url ?? asked.get("repository") ?? "");
  const [ref, setRef] = useState(had?.ref ?? asked.get("ref") ?? "");
  const [path, setPath] = useState(had?.path ?? asked.get("path") ?? "");
  const [isPrivate, setPrivate] = useState(before?.problem?.code === "git.denied");
  const [token, setToken] = useState(NO_TOKEN);
  const [privateKey, setPrivateKey] = useState("");
  const [hostKey, setHostKey] = useState("");
  const [connection, setConnection] = useState("");
  const connections = useGitConnections().data ?? [];
  const ssh = isSsh(url);
  const send = (): void =>
    onSubmit({
      type: "git",
      url: url.trim(),
      ...(ref.trim() ? { ref: ref.trim() } : {}),
      ...(ssh && hostKey.trim() ? { host_key: hostKey.trim() } : {}),
      ...(path.trim() ? { path: path.trim() } : {}),
      ...(connection
        ? { connection }
        : ssh
          ? privateKey
            ? { credential: { private_key: privateKey } }
            : {}
          : isPrivate
            ? credentialOf(token)
            : {}),
    });
  const elsewhere = error && !FIELDS.some((name) => error.of(`source.${name}`));
  const secretError =
    error?.of("source.credential") ??
    error?.of("source.credential.token") ??
    error?.of("source.credential.private_key");
  return (
    <>
      <Field
        label="Repository"
        required
        help="https://host/team/repository, or git@host:team/repository. It is read; nothing in it runs."
        error={error?.of("source.url")}
      >
        <Input mono value={url} maxLength={1000} onChange={(event) => setUrl(event.target.value)} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Branch, tag or commit"
          help="Empty for the branch that the server shows first."
          error={error?.of("source.ref")}
        >
          <Input mono value={ref} maxLength={250} onChange={(event) => setRef(event.target.value)} />
        </Field>
        <Field label="Path" help="A folder to look in. Empty for all of it." error={error?.of("source.path")}>
          <Input mono value={path} maxLength={300} onChange={(event) => setPath(event.target.value)} />
        </Field>
      </div>
      {connections.length > 0 && (
        <Field
          label="Git connection"
          help="What opens the repository. None for a public one, or to give a credential for this once."
          error={error?.of("source.connection")}
        >
          <Select
            value={connection}
            onChange={setConnection}
            options={[
              { value: "", label: "None" },
              ...connections.map(({ id, name, address }) => ({ value: id, label: name, hint: address })),
            ]}
          />
        </Field>
      )}
      {!ssh && !connection && <Checkbox checked={isPrivate} onChange={setPrivate} label="The repository is private" />}
      {isPrivate && !ssh && !connection && (
        <TokenFields
          value={token}
          onChange={setToken}
          label="Token"
          help="May read the repository. It is forgotten after the fetch."
          error={secretError}
        />
      )}
      {ssh && !connection && (
        <Field
          label="Private key"
          help="Without a passphrase, as a deploy key that may read. It is forgotten after the fetch."
          error={secretError}
        >
          <Textarea
            mono
            rows={5}
            value={privateKey}
            autoComplete="off"
            spellCheck={false}
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
            onChange={(event) => setPrivateKey(event.target.value)}
          />
        </Field>
      )}
      {ssh && (
        <Field
          label="Fingerprint of the server"
          help="SHA256:… Empty: the key that the server has the first time is kept, and any other is refused later."
          error={error?.of("source.host_key")}
        >
          <Input mono value={hostKey} maxLength={60} onChange={(event) => setHostKey(event.target.value)} />
        </Field>
      )}
      {elsewhere && <ErrorState inline title="The repository was not taken" {...explain(error)} />}
      <SubmitRow
        label="Fetch"
        isBusy={isBusy}
        missing={
          !url.trim()
            ? "Give the address of a repository."
            : ssh && !privateKey && !connection
              ? "Give a private key."
              : ""
        }
        onSubmit={send}
      />
    </>
  );
}
