import type { RegistryPulls } from "@/contract";
import { Field, Input, PasswordInput, Select } from "@/ui";

/** As whom nodes pull, as the panel says it. */
export const PULLS: Readonly<Record<RegistryPulls, string>> = {
  own: "as an account of their own",
  same: "as this account",
  none: "without signing in",
};

const HELP: Readonly<Record<RegistryPulls, string>> = {
  own: "Runs put it into a Secret of the namespaces that need it. Take one that may only pull.",
  same: "Runs put this password into a Secret of the namespaces that need it: everybody who may run something there can read it, and push with it.",
  none: "Runs make no pull secret for it; nodes pull what is public.",
};

const OF_ALL =
  "Runs of every team put it into a Secret of their namespaces: whoever may run something there can pull what this account may, images of other teams among it. A registry of each team keeps them apart.";

/** As whom the nodes of clusters pull images of a registry. */
export function PullFields({
  pulls,
  onPulls,
  isOfInstance,
  username,
  onUsername,
  secret,
  onSecret,
  hasSecret,
  error,
}: {
  /** Nobody has chosen yet where it is not given. */
  pulls: RegistryPulls | undefined;
  onPulls: (pulls: RegistryPulls) => void;
  /** Its own account is for no team's nodes. */
  isOfInstance: boolean;
  username: string;
  onUsername: (username: string) => void;
  secret: string;
  onSecret: (secret: string) => void;
  /** One is stored already. */
  hasSecret: boolean;
  error: (field: string) => string | undefined;
}) {
  return (
    <>
      <Field
        label="Nodes pull"
        help={
          pulls === "own" && isOfInstance
            ? OF_ALL
            : pulls
              ? HELP[pulls]
              : "Whoever may run something in a namespace can read what its nodes sign in with."
        }
        error={error("pulls")}
      >
        <Select
          value={pulls}
          onChange={onPulls}
          options={(Object.keys(PULLS) as RegistryPulls[])
            .filter((one) => !(isOfInstance && one === "same"))
            .map((one) => ({ value: one, label: PULLS[one] }))}
        />
      </Field>
      {pulls === "own" && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Their user name" required error={error("pull_username")}>
            <Input
              mono
              autoComplete="off"
              maxLength={256}
              value={username}
              onChange={(event) => onUsername(event.target.value)}
            />
          </Field>
          <Field
            label="Their password or token"
            required={!hasSecret}
            help={hasSecret ? "Empty: the stored one stays." : undefined}
            error={error("pull_secret")}
          >
            <PasswordInput
              autoComplete="new-password"
              maxLength={16384}
              value={secret}
              onChange={(event) => onSecret(event.target.value)}
            />
          </Field>
        </div>
      )}
    </>
  );
}
