import { Plug } from "lucide-react";
import { useState, type ReactNode } from "react";
import { asProblem, type EnginePlace } from "@/api";
import type { BuildEngine } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Checkbox, Dialog, ErrorState, Field, Input, Select, Textarea } from "@/ui";
import { EngineSteps } from "./EngineSteps";
import { useSaveEngine, useTryEngine } from "./queries";

const INSTANCE = "instance";
const SHOWN = ["name", "address", "server_name", "ca", "certificate", "key", "slots"];
const PEMS = [
  { field: "ca", label: "Certificate authority", help: "ca.pem: what signed the service's certificate." },
  { field: "certificate", label: "Client certificate", help: "cert.pem, as buildctl takes it." },
  { field: "key", label: "Client key", help: "key.pem, without a passphrase." },
] as const;

/** Adds a BuildKit service, or changes one: it is tried first, and one that does not work is not stored. */
export function EngineDialog({
  engine,
  way,
  onClose,
  onSaved,
}: {
  engine?: BuildEngine;
  /** Chooses another kind of engine. */
  way?: ReactNode;
  onClose: () => void;
  onSaved: (engine: BuildEngine) => void;
}) {
  const user = useSession().data?.user;
  const owners = [
    ...(user?.teams ?? [])
      .filter((team) => covers(team.role, "admin"))
      .map(({ id, name }) => ({ value: id, label: name })),
    ...(user?.is_admin ? [{ value: INSTANCE, label: "Every team" }] : []),
  ];
  const save = useSaveEngine();
  const test = useTryEngine();
  const service = engine?.service;
  const [name, setName] = useState(engine?.name ?? "");
  const [place, setPlace] = useState<EnginePlace>({
    address: service?.address ?? "",
    server_name: service?.server_name ?? "",
    ca: "",
    certificate: "",
    key: "",
  });
  const [slots, setSlots] = useState(String(engine?.slots ?? 2));
  const [isDefault, setIsDefault] = useState(engine?.is_default ?? true);
  const [owner, setOwner] = useState(owners[0]?.value ?? "");
  const [asTested, setAsTested] = useState("");
  const whose = owner === INSTANCE ? { instance: true, team: "" } : { instance: false, team: owner };
  const called = name.trim() || slug(place.address.split(":")[0] ?? "");
  /** What differs from the stored one. */
  const changes = {
    ...(place.address !== service?.address ? { address: place.address.trim() } : {}),
    ...(place.server_name !== service?.server_name ? { server_name: place.server_name } : {}),
    ...Object.fromEntries(PEMS.filter(({ field }) => place[field]).map(({ field }) => [field, place[field]])),
  };
  const isWhole =
    service !== undefined && service !== null ? place.address !== "" : PEMS.every(({ field }) => place[field]);
  const isReady = called !== "" && place.address.trim() !== "" && isWhole && Number(slots) > 0;
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const summary = problem?.besides(SHOWN);
  const busy = save.isPending || test.isPending;
  const trial = async () => {
    save.reset();
    if (busy) return false;
    setAsTested(JSON.stringify(place));
    const given = service ? { ...changes, engine: service.id } : { ...place, ...whose };
    const report = await test.mutateAsync(given).catch(() => null);
    return report?.ok ?? false;
  };
  const submit = async () => {
    if (!isReady || !(await trial())) return;
    const common = { name: called, slots: Number(slots), is_default: isDefault };
    save.mutate(
      service
        ? { id: service.id, changes: { ...changes, ...common, rev: service.rev } }
        : { made: { ...place, ...whose, ...common } },
      { onSuccess: onSaved },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={engine ? `Edit ${engine.name}` : "Add an engine"}
      description="A BuildKit service that runs elsewhere, reached with a client certificate. Certificate and key are stored encrypted and never shown again. It gets the files, variables and secrets of what it builds."
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
          <Button type="submit" tone="primary" busy={save.isPending} disabled={!isReady}>
            {engine ? "Save" : "Add engine"}
          </Button>
        </>
      }
    >
      {way}
      {problem && summary && (
        <ErrorState inline title={engine ? "Not saved" : "Not added"} reason={summary} details={problem.describe()} />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Address" required error={problem?.of("address")}>
          <Input
            autoFocus
            mono
            maxLength={300}
            value={place.address}
            placeholder="buildkit.example.com:1234"
            onChange={(event) => setPlace({ ...place, address: event.target.value })}
          />
        </Field>
        <Field
          label="Server name"
          aside="optional"
          help="The name in its certificate, where that is not the host."
          error={problem?.of("server_name")}
        >
          <Input
            mono
            maxLength={253}
            value={place.server_name ?? ""}
            onChange={(event) => setPlace({ ...place, server_name: event.target.value })}
          />
        </Field>
      </div>
      {PEMS.map(({ field, label, help }) => (
        <Field
          key={field}
          label={label}
          required={!service}
          help={service ? "Empty: the stored one stays." : help}
          error={problem?.of(field)}
        >
          <Textarea
            mono
            rows={3}
            value={place[field]}
            placeholder={field === "key" ? "-----BEGIN PRIVATE KEY-----" : "-----BEGIN CERTIFICATE-----"}
            onChange={(event) => setPlace({ ...place, [field]: event.target.value })}
          />
        </Field>
      ))}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" required error={problem?.of("name")}>
          <Input
            mono
            maxLength={63}
            value={name}
            placeholder={called || "buildkit"}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Builds at once" error={problem?.of("slots")}>
          <Input type="number" min={1} max={32} value={slots} onChange={(event) => setSlots(event.target.value)} />
        </Field>
        {!engine && owners.length > 1 && (
          <Field label="For" help="Members of this team build with it.">
            <Select value={owner} onChange={setOwner} options={owners} />
          </Field>
        )}
      </div>
      <Checkbox
        checked={isDefault}
        onChange={setIsDefault}
        label="Build with it by default"
        help="Sources that name no engine are built by it."
      />
      {test.data && asTested === JSON.stringify(place) && <EngineSteps report={test.data} />}
    </Dialog>
  );
}
