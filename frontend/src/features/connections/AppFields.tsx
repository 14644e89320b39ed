import { Field, Input, Textarea } from "@/ui";

export interface GivenApp {
  app_id: string;
  installation_id: string;
  private_key: string;
}

/** What is sent of an App: no key where the stored one stays. */
export function appGiven({ app_id, installation_id, private_key }: GivenApp) {
  return {
    app_id: app_id.trim(),
    installation_id: installation_id.trim(),
    ...(private_key.trim() ? { private_key: `${private_key.trim()}\n` } : {}),
  };
}

/** A GitHub App that reads in place of a token. */
export function AppFields({
  value,
  onChange,
  isStored,
  errorOf,
}: {
  value: GivenApp;
  onChange: (value: GivenApp) => void;
  isStored: boolean;
  errorOf: (field: string) => string | undefined;
}) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="App ID" required help="In the settings of the App, under About." error={errorOf("app_id")}>
          <Input
            mono
            maxLength={40}
            value={value.app_id}
            onChange={(event) => onChange({ ...value, app_id: event.target.value })}
          />
        </Field>
        <Field
          label="Installation ID"
          required
          help="The number at the end of the address of the installation's settings."
          error={errorOf("installation_id")}
        >
          <Input
            mono
            maxLength={20}
            inputMode="numeric"
            value={value.installation_id}
            onChange={(event) => onChange({ ...value, installation_id: event.target.value })}
          />
        </Field>
      </div>
      <Field
        label="Private key"
        required={!isStored}
        help={isStored ? "Empty: the stored one stays." : "The .pem file of the App, which needs Contents: read."}
        error={errorOf("private_key")}
      >
        <Textarea
          mono
          rows={3}
          maxLength={4096}
          value={value.private_key}
          placeholder="-----BEGIN RSA PRIVATE KEY-----"
          onChange={(event) => onChange({ ...value, private_key: event.target.value })}
        />
      </Field>
    </>
  );
}
