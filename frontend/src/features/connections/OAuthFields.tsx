import type { GitProvider } from "@/contract";
import { CopyButton, Field, Input, PasswordInput } from "@/ui";

export interface GivenClient {
  client_id: string;
  client_secret: string;
}

/** What is sent of a client: no secret where the stored one stays. */
export function clientGiven({ client_id, client_secret }: GivenClient) {
  return { client_id: client_id.trim(), ...(client_secret ? { client_secret } : {}) };
}

/** Where the git server leads the browser back to. */
export const returnAddress = () => `${window.location.origin}/git-connections/signed-in`;

const WHERE: Partial<Record<GitProvider, string>> = {
  github: "Make an OAuth App on GitHub (Settings, Developer settings) with this callback address.",
  gitlab:
    "Make a confidential application on GitLab (Preferences, Applications) with this redirect address and the scopes read_api and read_repository.",
  bitbucket:
    "Make a private OAuth consumer on Bitbucket (Workspace settings, OAuth consumers) with this callback URL and the permissions Account: Read and Repositories: Read. Its key is the client ID.",
  gitea: "Make a confidential OAuth2 application on the server (Settings, Applications) with this redirect address.",
};

/** The client at a git server, as which somebody signs in there in place of a token. */
export function OAuthFields({
  provider,
  value,
  onChange,
  isStored,
  errorOf,
}: {
  provider: GitProvider;
  value: GivenClient;
  onChange: (value: GivenClient) => void;
  isStored: boolean;
  errorOf: (field: string) => string | undefined;
}) {
  return (
    <>
      <div className="flex flex-col gap-1.5 rounded-card border border-line bg-canvas p-3">
        <p className="text-13 text-muted">{WHERE[provider]}</p>
        <div className="flex min-w-0 items-center gap-2">
          <code className="min-w-0 flex-1 font-mono text-12 break-all">{returnAddress()}</code>
          <CopyButton text={returnAddress} label="Copy the address" />
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Client ID" required error={errorOf("client_id")}>
          <Input
            mono
            maxLength={200}
            value={value.client_id}
            onChange={(event) => onChange({ ...value, client_id: event.target.value })}
          />
        </Field>
        <Field
          label="Client secret"
          required={!isStored}
          help={isStored ? "Empty: the stored one stays." : "The server shows it once."}
          error={errorOf("client_secret")}
        >
          <PasswordInput
            autoComplete="new-password"
            maxLength={500}
            value={value.client_secret}
            onChange={(event) => onChange({ ...value, client_secret: event.target.value.trim() })}
          />
        </Field>
      </div>
    </>
  );
}
