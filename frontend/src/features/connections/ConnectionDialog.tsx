import { useState } from "react";
import { asProblem } from "@/api";
import type { GitConnection, GitProvider } from "@/contract";
import { slug } from "@/model/names";
import { NameField, PemField, TestedDialog, useOwner, useTrial } from "@/product";
import { Checkbox, Field, Input, PasswordInput, Segmented, Select } from "@/ui";
import { AppFields, appGiven, type GivenApp } from "./AppFields";
import { ConnectionSteps } from "./ConnectionSteps";
import { clientGiven, OAuthFields, type GivenClient } from "./OAuthFields";
import { PROVIDERS, WAYS, type Way } from "./providers";
import { useAddConnection, useBeginSignIn, useChangeConnection, useTryConnection } from "./queries";

const SHOWN = [
  "name",
  "address",
  "username",
  "token",
  "app_id",
  "installation_id",
  "private_key",
  "client_id",
  "client_secret",
  "ca",
  "expires_at",
  "repository",
];

/** Adds a git connection, or changes one: it is tried first, and one that does not work is not stored. */
export function ConnectionDialog({
  connection,
  onClose,
  onSaved,
}: {
  connection?: GitConnection;
  onClose: () => void;
  onSaved: (connection: GitConnection) => void;
}) {
  const owner = useOwner({ help: "Members of this team build with it.", hasInstance: false });
  const add = useAddConnection();
  const change = useChangeConnection(connection?.id ?? "");
  const test = useTryConnection();
  const signIn = useBeginSignIn();
  const [provider, setProvider] = useState<GitProvider>(connection?.provider ?? "github");
  const [name, setName] = useState(connection?.name ?? "");
  const [address, setAddress] = useState(connection?.address ?? "");
  const [username, setUsername] = useState(connection?.username ?? "");
  const [token, setToken] = useState("");
  const [chosenWay, setWay] = useState<Way>(connection?.app ? "app" : connection?.oauth ? "oauth" : "token");
  const [client, setClient] = useState<GivenClient>({
    client_id: connection?.oauth?.client_id ?? "",
    client_secret: "",
  });
  const [app, setApp] = useState<GivenApp>({
    app_id: connection?.app?.id ?? "",
    installation_id: connection?.app?.installation ?? "",
    private_key: "",
  });
  const [ca, setCa] = useState(connection?.ca ?? "");
  const [expires, setExpires] = useState(connection?.expires_at?.slice(0, 10) ?? "");
  const [deployKey, setDeployKey] = useState(false);
  const [repository, setRepository] = useState("");
  const words = PROVIDERS[provider];
  const typed = address.trim() || words.address;
  const isSsh = !typed.includes("://") ? typed.includes("@") : typed.startsWith("ssh://");
  const hasAuthority = !isSsh && typed !== words.address && !typed.startsWith("http://");
  const isMoved = connection !== undefined && address.trim() !== connection.address;
  const keepsToken = connection?.has_token === true && !connection.app && !connection.oauth && !isMoved;
  const hasToken = token !== "" || keepsToken;
  const waits = Boolean(connection?.oauth && !connection.oauth.signed_in_at);
  const way = words.ways.includes(chosenWay) ? chosenWay : "token";
  const given = {
    ...(words.isOnePlace ? {} : { address: address.trim() }),
    ...(words.username && !isSsh ? { username: username.trim() } : {}),
    ...(way === "app" ? appGiven(app) : way === "oauth" ? clientGiven(client) : token && !isSsh ? { token } : {}),
    ca: hasAuthority ? ca : "",
    repository: repository.trim(),
  };
  const host = typed.replace(/^[a-z]+:\/\//, "").replace(/^[^@/]*@/, "");
  const called = name.trim() || slug(host);
  const isNoted = !connection?.expiry_is_told && hasToken && !isSsh && way === "token";
  const ends = isNoted ? { expires_at: expires ? `${expires}T23:59:59Z` : null } : {};
  const save = connection ? change : add;
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const isReady =
    called !== "" && typed !== "" && (way !== "token" || (!connection?.app && !connection?.oauth) || hasToken);
  const { report, run } = useTrial(test, given);
  const trial = async () => {
    save.reset();
    if (save.isPending || test.isPending || !isReady) return false;
    return run(connection ? { ...given, connection: connection.id } : { ...given, provider, team: owner.team });
  };
  const done = (saved: GitConnection) => {
    onSaved(saved);
    if (saved.oauth && !saved.oauth.signed_in_at) signIn.mutate(saved.id);
  };
  const submit = async () => {
    if (!isReady || !(await trial())) return;
    if (!connection) {
      const made = { name: called, provider, team: owner.team, deploy_key: deployKey || isSsh, ...given, ...ends };
      add.mutate(made, { onSuccess: ({ connection: saved }) => done(saved) });
      return;
    }
    change.mutate({ name: called, ...given, ...ends }, { onSuccess: done });
  };
  return (
    <TestedDialog
      title={connection ? `Edit ${connection.name}` : "Add a git connection"}
      description="Tokens and keys are stored encrypted, never shown again, and go to this server alone."
      onClose={onClose}
      onSubmit={() => void submit()}
      submit={connection ? "Save" : way === "oauth" ? "Add, and sign in" : "Add connection"}
      saving={save.isPending}
      testing={test.isPending}
      onTest={() => void trial()}
      isReady={isReady}
      problem={problem}
      shown={SHOWN}
      refused={connection ? "Not saved" : "The connection was not added"}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        {!connection && (
          <Field label="Provider" required>
            <Select
              value={provider}
              onChange={setProvider}
              options={(Object.keys(PROVIDERS) as GitProvider[]).map((one) => ({
                value: one,
                label: PROVIDERS[one].label,
              }))}
            />
          </Field>
        )}
        {!words.isOnePlace && (
          <Field
            label="Address"
            required={!words.address}
            help={
              isMoved
                ? "With another address, the stored token and keys are forgotten."
                : words.address && !connection
                  ? `If empty, ${words.address}.`
                  : undefined
            }
            error={problem?.of("address")}
          >
            <Input
              mono
              maxLength={500}
              value={address}
              placeholder={words.address || words.example}
              onChange={(event) => setAddress(event.target.value)}
            />
          </Field>
        )}
      </div>
      {words.ways.length > 1 && (
        <Field label="Signs in with">
          <Segmented
            className="w-fit"
            label="Signs in with"
            value={way}
            onChange={setWay}
            options={words.ways.map((value) => ({ value, label: WAYS[value] }))}
          />
        </Field>
      )}
      {way === "oauth" && (
        <OAuthFields
          provider={provider}
          value={client}
          onChange={setClient}
          isStored={Boolean(connection?.oauth) && !isMoved}
          errorOf={(field) => problem?.of(field)}
        />
      )}
      {way === "app" && (
        <AppFields
          value={app}
          onChange={setApp}
          isStored={Boolean(connection?.app) && !isMoved}
          errorOf={(field) => problem?.of(field)}
        />
      )}
      {!isSsh && way === "token" && (
        <div className="grid gap-4 sm:grid-cols-2">
          {words.username && (
            <Field label={words.username} aside="optional" error={problem?.of("username")}>
              <Input mono maxLength={256} value={username} onChange={(event) => setUsername(event.target.value)} />
            </Field>
          )}
          <Field
            label={words.token}
            help={keepsToken ? "Empty: the stored one stays." : words.help}
            error={problem?.of("token")}
          >
            <PasswordInput
              autoComplete="new-password"
              maxLength={4096}
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          </Field>
          {isNoted && (
            <Field
              label="The token ends on"
              aside="optional"
              help="You are reminded two weeks before. GitHub and GitLab tell it themselves."
              error={problem?.of("expires_at")}
            >
              <Input type="date" value={expires} onChange={(event) => setExpires(event.target.value)} />
            </Field>
          )}
        </div>
      )}
      {!connection && (
        <Checkbox
          checked={deployKey || isSsh}
          disabled={isSsh}
          onChange={setDeployKey}
          label="Make a deploy key"
          help="For SSH addresses. The public half is shown once the connection is there, to be added to the server."
        />
      )}
      {hasAuthority && (
        <PemField
          label="Certificate authority"
          aside="optional"
          help="Where the server's certificate is signed by an authority of your own."
          value={ca}
          onChange={setCa}
          error={problem?.of("ca")}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <NameField value={name} onChange={setName} placeholder={called || "code"} error={problem?.of("name")} />
        {(connection ? !waits : !(deployKey || isSsh || way === "oauth")) && (
          <Field
            label="Test with a repository"
            aside="optional"
            help="Whether git itself may read it."
            error={problem?.of("repository")}
          >
            <Input
              mono
              maxLength={1000}
              value={repository}
              placeholder="owner/name"
              onChange={(event) => setRepository(event.target.value)}
            />
          </Field>
        )}
        {!connection && owner.field}
      </div>
      {report && <ConnectionSteps report={report} />}
    </TestedDialog>
  );
}
