import { useState, type ReactNode } from "react";
import { asProblem, type EnginePlace } from "@/api";
import type { BuildEngine } from "@/contract";
import { slug } from "@/model/names";
import { NameField, PemField, TestedDialog, useOwner, useTrial } from "@/product";
import { Checkbox, Field, Input } from "@/ui";
import { EngineSteps } from "./EngineSteps";
import { useSaveEngine, useTryEngine } from "./queries";

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
  const owner = useOwner({ help: "Members of this team build with it." });
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
  const { report, run } = useTrial(test, place);
  const whose = { instance: owner.isOfInstance, team: owner.team };
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
  const trial = async () => {
    save.reset();
    if (save.isPending || test.isPending) return false;
    return run(service ? { ...changes, engine: service.id } : { ...place, ...whose });
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
    <TestedDialog
      title={engine ? `Edit ${engine.name}` : "Add an engine"}
      description="A BuildKit service that runs elsewhere, reached with a client certificate. Certificate and key are stored encrypted and never shown again. It gets the files, variables and secrets of what it builds."
      onClose={onClose}
      onSubmit={() => void submit()}
      submit={engine ? "Save" : "Add engine"}
      saving={save.isPending}
      testing={test.isPending}
      onTest={() => void trial()}
      isReady={isReady}
      problem={problem}
      shown={SHOWN}
      refused={engine ? "Not saved" : "Not added"}
    >
      {way}
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
        <PemField
          key={field}
          label={label}
          required={!service}
          help={service ? "Empty: the stored one stays." : help}
          value={place[field] ?? ""}
          onChange={(pem) => setPlace({ ...place, [field]: pem })}
          error={problem?.of(field)}
          isKey={field === "key"}
        />
      ))}
      <div className="grid gap-4 sm:grid-cols-2">
        <NameField value={name} onChange={setName} placeholder={called || "buildkit"} error={problem?.of("name")} />
        <Field label="Builds at once" error={problem?.of("slots")}>
          <Input type="number" min={1} max={32} value={slots} onChange={(event) => setSlots(event.target.value)} />
        </Field>
        {!engine && owner.field}
      </div>
      <Checkbox
        checked={isDefault}
        onChange={setIsDefault}
        label="Build with it by default"
        help="Sources that name no engine are built by it."
      />
      {report && <EngineSteps report={report} />}
    </TestedDialog>
  );
}
