import { useState } from "react";
import { chartIn, kustomizationsIn, tooMuch, type ChosenFile } from "@/model/importFiles";
import { explain, readFiles, useKeptForm, type FoundFile } from "@/product";
import { Checkbox, ErrorState, Field, Input } from "@/ui";
import { askedOf, ChartFields, NO_SETTINGS, type ChartSettings } from "./ChartFields";
import { DropArea } from "./DropArea";
import type { SourceFormProps } from "./form";
import { SubmitRow } from "./SubmitRow";
import { credentialOf, NO_TOKEN, TokenFields } from "./TokenFields";

const FIELDS = ["values", "release", "namespace", "cluster", "url", "chart", "version", "credential"];

/** What outlives a reload; a token does not. */
const NO_CHART = {
  files: [] as readonly ChosenFile[],
  folder: "",
  settings: NO_SETTINGS as ChartSettings,
  url: "",
  name: "",
  version: "",
};

/** A chart or a folder of kustomizations, and the values that the chart is rendered with. The worker renders it. */
export function ChartForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const [{ files, folder, settings, url, name, version }, change] = useKeptForm("chart", NO_CHART);
  const set = (changes: Partial<typeof NO_CHART>): void => change((had) => ({ ...had, ...changes }));
  const [unread, setUnread] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [token, setToken] = useState(NO_TOKEN);
  const fetched = files.length === 0 && url.trim() !== "";
  const chart = chartIn(files);
  const kustomizations = chart ? [] : kustomizationsIn(files);
  const refused = tooMuch(files);
  const bring = async (found: readonly FoundFile[]): Promise<void> => {
    try {
      const read = await readFiles(found);
      setUnread("");
      set({ files: read.files, folder: read.folder });
    } catch (error_) {
      setUnread(`A file could not be read: ${String(error_)}`);
    }
  };
  const onMade = (): void => change(() => NO_CHART);
  const send = (): void => {
    if (fetched) {
      const source = {
        type: "chart" as const,
        url: url.trim(),
        ...(name.trim() ? { chart: name.trim() } : {}),
        ...(version.trim() ? { version: version.trim() } : {}),
        ...(isPrivate ? credentialOf(token) : {}),
        ...askedOf(settings),
      };
      onSubmit(source, { onMade });
      return;
    }
    const sent = files.map(({ path, text, base64 }) =>
      base64 === null ? { path, text: text ?? "" } : { path, base64 },
    );
    onSubmit(chart ? { type: "chart", files: sent, ...askedOf(settings) } : { type: "kustomize", files: sent }, {
      name: chart ? "" : folder,
      onMade,
    });
  };
  const elsewhere = error && !FIELDS.some((name) => error.of(`source.${name}`));
  return (
    <>
      <DropArea
        what="Drop the folder of a Helm chart here, its .tgz, or a folder with kustomizations."
        onFiles={(found) => void bring(found)}
      />
      {chart && (
        <p role="status" className="text-13">
          {`The chart ${chart.name}${chart.version ? ` ${chart.version}` : ""}, ${files.length} ${files.length === 1 ? "file" : "files"}. Helm renders it; nothing of it runs.`}
        </p>
      )}
      {kustomizations.length > 0 && (
        <p role="status" className="text-13">
          {`${kustomizations.length === 1 ? "A kustomization" : `${kustomizations.length} kustomizations`}: ${kustomizations.join(", ")}. You choose one of those that no other one uses.`}
        </p>
      )}
      {files.length === 0 && (
        <>
          <div className="grid gap-4 sm:grid-cols-[2fr_1fr_1fr]">
            <Field
              label="Or an address"
              help="https://… of a repository of charts, or oci://host/path/chart."
              error={error?.of("source.url")}
            >
              <Input mono value={url} maxLength={1000} onChange={(event) => set({ url: event.target.value })} />
            </Field>
            <Field label="Chart" help="Of a repository." error={error?.of("source.chart")}>
              <Input mono value={name} maxLength={100} onChange={(event) => set({ name: event.target.value })} />
            </Field>
            <Field label="Version" help="Or a range, as ^1.2." error={error?.of("source.version")}>
              <Input
                mono
                value={version}
                maxLength={100}
                placeholder="newest"
                onChange={(event) => set({ version: event.target.value })}
              />
            </Field>
          </div>
          {fetched && <Checkbox checked={isPrivate} onChange={setPrivate} label="The repository is private" />}
          {fetched && isPrivate && (
            <TokenFields
              value={token}
              onChange={setToken}
              label="Token or password"
              help="It is forgotten after the fetch."
              error={error?.of("source.credential")}
            />
          )}
        </>
      )}
      {(chart ?? fetched) && (
        <ChartFields
          settings={settings}
          onChange={(settings) => set({ settings })}
          files={chart?.values ?? []}
          chart={chart?.name ?? name}
          wide
          error={(field) => error?.of(`source.${field}`)}
        />
      )}
      {(unread || refused) && (
        <p role="alert" className="text-13 text-bad">
          {unread || refused}
        </p>
      )}
      {elsewhere && <ErrorState inline title="The files were not imported" {...explain(error)} />}
      <SubmitRow
        label={fetched ? "Fetch and render" : "Render"}
        isBusy={isBusy}
        missing={
          refused ??
          (files.length === 0
            ? fetched
              ? ""
              : "Choose a chart."
            : chart || kustomizations.length > 0
              ? ""
              : "None of the files is Chart.yaml, an archive of a chart or kustomization.yaml.")
        }
        onSubmit={send}
      />
    </>
  );
}
