import { useState } from "react";
import { chartIn, kustomizationsIn, tooMuch, type ChosenFile } from "@/model/importFiles";
import { explain, readFiles, type FoundFile } from "@/product";
import { ErrorState } from "@/ui";
import { askedOf, ChartFields, NO_SETTINGS } from "./ChartFields";
import { DropArea } from "./DropArea";
import type { SourceFormProps } from "./form";
import { SubmitRow } from "./SubmitRow";

const FIELDS = ["values", "release", "namespace", "cluster"];

/** A chart or a folder of kustomizations, and the values that the chart is rendered with. The worker renders it. */
export function ChartForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [folder, setFolder] = useState("");
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [unread, setUnread] = useState("");
  const chart = chartIn(files);
  const kustomizations = chart ? [] : kustomizationsIn(files);
  const refused = tooMuch(files);
  const bring = async (found: readonly FoundFile[]): Promise<void> => {
    try {
      const read = await readFiles(found);
      setUnread("");
      setFiles(read.files);
      setFolder(read.folder);
    } catch (error_) {
      setUnread(`A file could not be read: ${String(error_)}`);
    }
  };
  const send = (): void => {
    const sent = files.map(({ path, text, base64 }) =>
      base64 === null ? { path, text: text ?? "" } : { path, base64 },
    );
    onSubmit(chart ? { type: "chart", files: sent, ...askedOf(settings) } : { type: "kustomize", files: sent }, {
      name: chart ? "" : folder,
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
      {chart && (
        <ChartFields
          settings={settings}
          onChange={setSettings}
          files={chart.values}
          chart={chart.name}
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
        label="Render"
        isBusy={isBusy}
        missing={
          refused ??
          (files.length === 0
            ? "Choose a chart."
            : chart || kustomizations.length > 0
              ? ""
              : "None of the files is Chart.yaml, an archive of a chart or kustomization.yaml.")
        }
        onSubmit={send}
      />
    </>
  );
}
