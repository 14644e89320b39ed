import { Plug } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { GitConnection, GitProvider } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Checkbox, Dialog, ErrorState, Field, Input, PasswordInput, Segmented, Select, Textarea } from "@/ui";
import { AppFields, appGiven, type GivenApp } from "./AppFields";
import { ConnectionSteps } from "./ConnectionSteps";
import { PROVIDERS } from "./providers";
import { useAddConnection, useChangeConnection, useTryConnection } from "./queries";

const SHOWN = [
  "name",
  "address",
  "username",
  "token",
  "app_id",
  "installation_id",
  "private_key",
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
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "admin"));
  const add = useAddConnection();
  const change = useChangeConnection(connection?.id ?? "");
  const test = useTryConnection();
  const [provider, setProvider] = useState<GitProvider>(connection?.provider ?? "github");
  const [name, setName] = useState(connection?.name ?? "");
  const [address, setAddress] = useState(connection?.address ?? "");
  const [username, setUsername] = useState(connection?.username ?? "");
  const [token, setToken] = useState("");
  const [byApp, setByApp] = useState(Boolean(connection?.app));
  const [app, setApp] = useState<GivenApp>({
    app_id: connection?.app?.id ?? "",
    installation_id: connection?.app?.installation ?? "",
    private_key: "",
  });
  const [ca, setCa] = useState(connection?.ca ?? "");
  const [expires, setExpires] = useState(connection?.expires_at?.slice(0, 10) ?? "");
  const [deployKey, setDeployKey] = useState(false);
  const [repository, setRepository] = useState("");
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [asTested, setAsTested] = useState("");
  const words = PROVIDERS[provider];
  const typed = address.trim() || words.address;
  const isSsh = !typed.includes("://") ? typed.includes("@") : typed.startsWith("ssh://");
  const hasAuthority = !isSsh && typed !== words.address && !typed.startsWith("http://");
  const isMoved = connection !== undefined && address.trim() !== connection.address;
  const keepsToken = connection?.has_token === true && connection.app === null && !isMoved;
  const hasToken = token !== "" || keepsToken;
  const isApp = provider === "github" && byApp;
  const given = {
    ...(words.isOnePlace ? {} : { address: address.trim() }),
    ...(words.username && !isSsh ? { username: username.trim() } : {}),
    ...(isApp ? appGiven(app) : token && !isSsh ? { token } : {}),
    ca: hasAuthority ? ca : "",
    repository: repository.trim(),
  };
  const host = typed.replace(/^[a-z]+:\/\//, "").replace(/^[^@/]*@/, "");
  const called = name.trim() || slug(host);
  const isNoted = !connection?.expiry_is_told && hasToken && !isSsh && !isApp;
  const ends = isNoted ? { expires_at: expires ? `${expires}T23:59:59Z` : null } : {};
  const save = connection ? change : add;
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const isShown = problem?.errors.length && problem.errors.every(({ field }) => SHOWN.includes(field ?? ""));
  const busy = save.isPending || test.isPending;
  const isReady = called !== "" && typed !== "" && (isApp || !connection?.app || hasToken);
  const trial = async () => {
    save.reset();
    if (busy || !isReady) return false;
    setAsTested(JSON.stringify(given));
    const asked = connection ? { ...given, connection: connection.id } : { ...given, provider, team };
    return (await test.mutateAsync(asked).catch(() => null))?.ok ?? false;
  };
  const submit = async () => {
    if (!isReady || !(await trial())) return;
    if (!connection) {
      const made = { name: called, provider, team, deploy_key: deployKey || isSsh, ...given, ...ends };
      add.mutate(made, { onSuccess: ({ connection: saved }) => onSaved(saved) });
      return;
    }
    change.mutate({ name: called, ...given, ...ends }, { onSuccess: onSaved });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={connection ? `Edit ${connection.name}` : "Add a git connection"}
      description="Tokens and keys are stored encrypted, never shown again, and go to this server alone."
      onSubmit={() => void submit()}
      keepsInput
      footer={
        <>
          <Button
            className="mr-auto"
            icon={<Plug size={14} aria-hidden />}
            busy={test.isPending}
            disabled={!isReady}
            onClick={() => void trial()}
          >
            {test.isPending ? "Testing" : "Test"}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={!isReady}>
            {connection ? "Save" : "Add connection"}
          </Button>
        </>
      }
    >
      {problem && !isShown && (
        <ErrorState
          inline
          title={connection ? "Not saved" : "The connection was not added"}
          reason={problem.besides(SHOWN)}
          details={problem.describe()}
        />
      )}
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
      {provider === "github" && (
        <Field label="Signs in with">
          <Segmented
            className="w-fit"
            label="Signs in with"
            value={byApp ? "app" : "token"}
            onChange={(one) => setByApp(one === "app")}
            options={[
              { value: "token", label: "Token" },
              { value: "app", label: "GitHub App" },
            ]}
          />
        </Field>
      )}
      {isApp && (
        <AppFields
          value={app}
          onChange={setApp}
          isStored={Boolean(connection?.app) && !isMoved}
          errorOf={(field) => problem?.of(field)}
        />
      )}
      {!isSsh && !isApp && (
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
        <Field
          label="Certificate authority"
          aside="optional"
          help="PEM, where the server's certificate is signed by an authority of your own."
          error={problem?.of("ca")}
        >
          <Textarea
            mono
            rows={2}
            value={ca}
            placeholder="-----BEGIN CERTIFICATE-----"
            onChange={(event) => setCa(event.target.value)}
          />
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" required error={problem?.of("name")}>
          <Input
            mono
            maxLength={63}
            value={name}
            placeholder={called || "code"}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {(connection || !(deployKey || isSsh)) && (
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
        {!connection && teams.length > 1 && (
          <Field label="Team" help="Members of this team build with it.">
            <Select
              value={team}
              onChange={setTeam}
              options={teams.map(({ id, name: label }) => ({ value: id, label }))}
            />
          </Field>
        )}
      </div>
      {test.data && asTested === JSON.stringify(given) && <ConnectionSteps report={test.data} />}
    </Dialog>
  );
}
