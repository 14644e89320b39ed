import { Plug } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Registry, RegistryInput, RegistryProvider, RegistryPulls } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Checkbox, Dialog, ErrorState, Field, Input, PasswordInput, Select, Textarea } from "@/ui";
import { PROVIDERS } from "./providers";
import { PullFields } from "./PullFields";
import { useAddRegistry, useChangeRegistry, useTryRegistry } from "./queries";
import { RegistrySteps } from "./RegistrySteps";

const INSTANCE = "instance";
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
  const user = useSession().data?.user;
  const owners = [
    ...(user?.teams ?? [])
      .filter((team) => covers(team.role, "admin"))
      .map(({ id, name }) => ({ value: id, label: name })),
    ...(user?.is_admin ? [{ value: INSTANCE, label: "Every team" }] : []),
  ];
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
  const [owner, setOwner] = useState(owners[0]?.value ?? "");
  const [asTested, setAsTested] = useState("");
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
  const nodes = {
    ...(pulls ? { pulls } : {}),
    ...(pulls === "own" ? { pull_username: pullUsername.trim() } : {}),
    ...(pulls === "own" && pullSecret ? { pull_secret: pullSecret } : {}),
  };
  /** What an error may stand beside now. */
  const shown = [
    ...["name", "path_prefix", "secret", "pulls"],
    ...(words.host || registry ? [] : ["host"]),
    ...(words.username ? ["username"] : []),
    ...(isOwn ? ["plain_http"] : []),
    ...(isOwn && !plain ? ["ca"] : []),
    ...(pulls === "own" ? ["pull_username", "pull_secret"] : []),
  ];
  const called = name.trim() || slug(prefix.trim() || words.host || host);
  const place = owner === INSTANCE ? { instance: true } : { team: owner };
  const save = registry ? change : add;
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const isShown = problem?.errors.length && problem.errors.every(({ field }) => shown.includes(field ?? ""));
  const busy = save.isPending || test.isPending;
  const trial = async () => {
    save.reset();
    if (busy) return false;
    setAsTested(JSON.stringify(given));
    const report = await test
      .mutateAsync(registry ? { ...given, registry: registry.id } : { ...given, ...place })
      .catch(() => null);
    return report?.ok ?? false;
  };
  const submit = async () => {
    setAsked(true);
    if (!called || lacksChoice || !(await trial())) return;
    if (!registry) {
      const made = { name: called, ...given, ...nodes, ...place, is_default: isDefault, test: true };
      add.mutate(made, { onSuccess: ({ registry: saved }) => onSaved(saved) });
      return;
    }
    const { provider: _, ...changes } = given;
    change.mutate(
      { name: called, ...changes, ...nodes, ...(isDefault && !registry.is_default ? { is_default: true } : {}) },
      { onSuccess: onSaved },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={registry ? `Edit ${registry.name}` : "Add a registry"}
      description="The credentials are stored encrypted and never shown again. The test starts an upload and cancels it: nothing is left in the registry."
      onSubmit={() => void submit()}
      keepsInput
      footer={
        <>
          <Button
            className="mr-auto"
            icon={<Plug size={14} aria-hidden />}
            busy={test.isPending}
            onClick={() => void trial()}
          >
            {test.isPending ? "Testing" : "Test"}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={!called}>
            {registry ? "Save" : "Add registry"}
          </Button>
        </>
      }
    >
      {problem && !isShown && (
        <ErrorState
          inline
          title={registry ? "Not saved" : "The registry was not added"}
          reason={problem.besides(shown)}
          details={problem.describe()}
        />
      )}
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
        <Field
          label="Certificate authority"
          aside="optional"
          help="PEM, where the registry's certificate is signed by an authority of your own."
          error={problem?.of("ca")}
        >
          <Textarea
            mono
            rows={3}
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
            placeholder={called || "images"}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {!registry && owners.length > 1 && (
          <Field label="For" help="Members of this team build and run with it.">
            <Select value={owner} onChange={setOwner} options={owners} />
          </Field>
        )}
      </div>
      <PullFields
        pulls={pulls}
        onPulls={setPulls}
        isOfInstance={registry ? registry.team === null : owner === INSTANCE}
        username={pullUsername}
        onUsername={setPullUsername}
        secret={pullSecret}
        onSecret={setPullSecret}
        hasSecret={registry?.has_pull_secret ?? false}
        error={(field) =>
          field === "pulls" && asked && lacksChoice ? "Choose as whom nodes pull its images." : problem?.of(field)
        }
      />
      {!registry?.is_default && (
        <Checkbox
          checked={isDefault}
          onChange={setIsDefault}
          label="Use it first"
          help="Before other registries here for the same host and prefix."
        />
      )}
      {test.data && asTested === JSON.stringify(given) && <RegistrySteps report={test.data} />}
    </Dialog>
  );
}
