import { Field, Input, PasswordInput } from "@/ui";

export interface Token {
  username: string;
  token: string;
}

export const NO_TOKEN: Token = { username: "", token: "" };

interface TokenFieldsProps {
  value: Token;
  onChange: (value: Token) => void;
  label: string;
  help: string;
  error?: string | undefined;
}

/** With what a private place on another server is read, once. */
export function TokenFields({ value, onChange, label, help, error }: TokenFieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="User name" help="Most servers take any with a token.">
        <Input
          mono
          value={value.username}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => onChange({ ...value, username: event.target.value })}
        />
      </Field>
      <Field label={label} help={help} error={error}>
        <PasswordInput
          value={value.token}
          maxLength={4096}
          autoComplete="off"
          onChange={(event) => onChange({ ...value, token: event.target.value })}
        />
      </Field>
    </div>
  );
}

/** The token as a source takes it; nothing of one that is not given. */
export const credentialOf = ({ username, token }: Token): { credential?: { token: string; username?: string } } =>
  token ? { credential: { token, ...(username ? { username } : {}) } } : {};
