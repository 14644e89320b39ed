import { useState } from "react";
import { asProblem } from "@/api";
import type { Registry, RegistryInput, RegistryProvider, RegistryPulls } from "@/contract";
import { slug } from "@/model/names";
import { NameField, PemField, TestedDialog, useOwner, useRegistries, useTrial } from "@/product";
import { Checkbox, Field, Input, PasswordInput, Select, Textarea } from "@/ui";
import { PROVIDERS } from "./providers";
import { PullFields } from "./PullFields";
import { useAddRegistry, useChangeRegistry, useTryRegistry } from "./queries";
import { RegistrySteps } from "./RegistrySteps";

const OWN: readonly RegistryProvider[] = ["generic", "harbor", "gitlab"];

/** Adds a registry, or changes one: it is tried first, and one that does not work is not stored. */
export function RegistryDialog({
  registry,
  onClose,
  onSaved,
}: {
  registry?: Registry;
  onClose: () => void;
  onSaved: (registry: Registry) => void;
}) {
  const add = useAddRegistry();
  const change = useChangeRegistry(registry?.id ?? "");
  const test = useTryRegistry();
  const [provider, setProvider] = useState<RegistryProvider>(registry?.provider ?? "docker_hub");
  const [name, setName] = useState(registry?.name ?? "");
  const [host, setHost] = useState(registry?.host ?? "");
  const [prefix, setPrefix] = useState(registry?.path_prefix ?? "");
  const [username, setUsername] = useState(registry?.username ?? "");
  const [secret, setSecret] = useState("");
  const [ca, setCa] = useState(registry?.ca ?? "");
  const [plain, setPlain] = useState(registry?.plain_http ?? false);
  const [removed, setRemoved] = useState(false);
  const [pulls, setPulls] = useState<RegistryPulls | undefined>(registry?.pulls);
  const [pullUsername, setPullUsername] = useState(registry?.pull_username ?? "");
  const [pullSecret, setPullSecret] = useState("");
  const [asked, setAsked] = useState(false);
  const lacksChoice = !registry && secret !== "" && !pulls;
  const [isDefault, setIsDefault] = useState(registry?.is_default ?? false);
  const [expires, setExpires] = useState(registry?.expires_at?.slice(0, 10) ?? "");
  const owner = useOwner({ help: "Members of this team build and run with it." });
  const words = PROVIDERS[provider];
  const isOwn = OWN.includes(provider);
  const given: RegistryInput = {
    provider,
    path_prefix: prefix.trim(),
    username: words.username && !removed ? username.trim() : "",
    plain_http: isOwn && plain,
    ca: isOwn && !plain ? ca : "",
    ...(words.host || registry ? {} : { host: host.trim() }),
    ...(removed ? { secret: "" } : secret ? { secret } : {}),
  };
  const hasSecret = !removed && (secret !== "" || registry?.has_secret === true);
  const ends = hasSecret ? { expires_at: expires ? `${expires}T23:59:59Z` : null } : {};
  const nodes = {
    ...(pulls ? { pulls } : {}),
    ...(pulls === "own" ? { pull_username: pullUsername.trim() } : {}),
    ...(pulls === "own" && pullSecret ? { pull_secret: pullSecret } : {}),
  };
  /** What an error may stand beside now. */
  const shown = [
    ...["name", "path_prefix", "secret", "pulls", ...(hasSecret ? ["expires_at"] : [])],
    ...(words.host || registry ? [] : ["host"]),
    ...(words.username ? ["username"] : []),
    ...(isOwn ? ["plain_http"] : []),
    ...(isOwn && !plain ? ["ca"] : []),
    ...(pulls === "own" ? ["pull_username", "pull_secret"] : []),
  ];
  const called = name.trim() || slug(prefix.trim() || words.host || host);
  const at = registry?.host ?? (words.host || host.trim());
  /** Others for the same images: only then one of them is used first. */
  const others = (useRegistries().data ?? []).filter(
    (one) =>
      one.id !== registry?.id &&
      one.host === at &&
      one.path_prefix === prefix.trim() &&
      (one.team?.id ?? "") === (registry ? (registry.team?.id ?? "") : owner.team),
  );
  const place = owner.isOfInstance ? { instance: true } : { team: owner.team };
  const save = registry ? change : add;
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const { report, run } = useTrial(test, given);
  const trial = async () => {
    save.reset();
    if (save.isPending || test.isPending) return false;
    return run(registry ? { ...given, registry: registry.id } : { ...given, ...place });
  };
  const submit = async () => {
    setAsked(true);
    if (!called || lacksChoice || !(await trial())) return;
    if (!registry) {
      const made = { name: called, ...given, ...ends, ...nodes, ...place, is_default: isDefault, test: true };
      add.mutate(made, { onSuccess: ({ registry: saved }) => onSaved(saved) });
      return;
    }
    const { provider: _, ...changes } = given;
    const first = isDefault && !registry.is_default ? { is_default: true } : {};
    change.mutate({ name: called, ...changes, ...ends, ...nodes, ...first }, { onSuccess: onSaved });
  };
  return (
    <TestedDialog
      title={registry ? `Edit ${registry.name}` : "Add a registry"}
      description="The credentials are stored encrypted and never shown again. The test starts an upload and cancels it: nothing is left in the registry."
      onClose={onClose}
      onSubmit={() => void submit()}
      submit={registry ? "Save" : "Add registry"}
      saving={save.isPending}
      testing={test.isPending}
      onTest={() => void trial()}
      isReady={called !== ""}
      problem={problem}
      shown={shown}
      refused={registry ? "Not saved" : "The registry was not added"}
    >
      {!registry && (
        <Field label="Provider" required>
          <Select
            value={provider}
            onChange={setProvider}
            options={(Object.keys(PROVIDERS) as RegistryProvider[]).map((one) => ({
              value: one,
              label: PROVIDERS[one].label,
            }))}
          />
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {!words.host && !registry && (
          <Field label="Host" required error={problem?.of("host")}>
            <Input
              mono
              maxLength={253}
              value={host}
              placeholder={words.example}
              onChange={(event) => setHost(event.target.value)}
            />
          </Field>
        )}
        <Field
          label="Only below"
          aside="optional"
          help={`For images of ${words.host || registry?.host || host.trim() || words.example}/${prefix.trim() || "…"}`}
          error={problem?.of("path_prefix")}
        >
          <Input
            mono
            maxLength={255}
            value={prefix}
            placeholder={words.prefix}
            onChange={(event) => setPrefix(event.target.value)}
          />
        </Field>
        {words.username && (
          <Field label={words.username} error={problem?.of("username")}>
            <Input
              mono
              autoComplete="off"
              maxLength={256}
              disabled={removed}
              value={removed ? "" : username}
              onChange={(event) => setUsername(event.target.value)}
            />
          </Field>
        )}
        {words.username && (
          <Field
            label={words.secret}
            help={registry?.has_secret ? "Empty: the stored one stays." : words.help}
            error={problem?.of("secret")}
          >
            <PasswordInput
              autoComplete="new-password"
              maxLength={16384}
              disabled={removed}
              value={removed ? "" : secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          </Field>
        )}
      </div>
      {!words.username && (
        <Field
          label={words.secret}
          help={registry?.has_secret ? "Empty: the stored one stays." : words.help}
          error={problem?.of("secret")}
        >
          <Textarea
            mono
            rows={5}
            disabled={removed}
            value={removed ? "" : secret}
            onChange={(event) => setSecret(event.target.value)}
          />
        </Field>
      )}
      {registry?.has_secret && (
        <Checkbox
          checked={removed}
          onChange={setRemoved}
          label="Remove the stored credentials"
          help="It is then read without signing in, and nothing is pushed to it."
        />
      )}
      {isOwn && (
        <Checkbox
          checked={plain}
          onChange={setPlain}
          label="Speak to it without TLS"
          help={
            problem?.of("plain_http") ?? "Only for a network of your own: passwords and images can be read on the way."
          }
        />
      )}
      {isOwn && !plain && (
        <PemField
          label="Certificate authority"
          aside="optional"
          help="Where the registry's certificate is signed by an authority of your own."
          value={ca}
          onChange={setCa}
          error={problem?.of("ca")}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <NameField value={name} onChange={setName} placeholder={called || "images"} error={problem?.of("name")} />
        {hasSecret && (
          <Field
            label="The password or token ends on"
            aside="optional"
            help="You are reminded two weeks before."
            error={problem?.of("expires_at")}
          >
            <Input type="date" value={expires} onChange={(event) => setExpires(event.target.value)} />
          </Field>
        )}
        {!registry && owner.field}
      </div>
      <PullFields
        pulls={pulls}
        onPulls={setPulls}
        isOfInstance={registry ? registry.team === null : owner.isOfInstance}
        username={pullUsername}
        onUsername={setPullUsername}
        secret={pullSecret}
        onSecret={setPullSecret}
        hasSecret={registry?.has_pull_secret ?? false}
        error={(field) =>
          field === "pulls" && asked && lacksChoice ? "Choose as whom nodes pull its images." : problem?.of(field)
        }
      />
      {others.length > 0 && !registry?.is_default && (
        <Checkbox
          checked={isDefault}
          onChange={setIsDefault}
          label="Use it first"
          help={`Before ${others.map((one) => one.name).join(", ")}, which is for the same images.`}
        />
      )}
      {report && <RegistrySteps report={report} />}
    </TestedDialog>
  );
}
