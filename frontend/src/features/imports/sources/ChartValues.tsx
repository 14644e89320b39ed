import { useState } from "react";
import type { ChartValues as Shown, Import } from "@/contract";
import { asProblem } from "@/api";
import { explain } from "@/product";
import { Button, ErrorState, SkeletonRows } from "@/ui";
import { useChangeValues, useChartValues } from "../queries";
import { askedOf, ChartFields } from "./ChartFields";

interface ChartValuesProps {
  readonly found: Import;
  readonly mayChange: boolean;
}

/** What a chart was rendered with. Other values render it anew; passwords that it made stay. */
export function ChartValues({ found, mayChange }: ChartValuesProps) {
  const query = useChartValues(found.id, found.state);
  if (query.data) return <Loaded key={found.id} found={found} shown={query.data} mayChange={mayChange} />;
  if (!query.error) return <SkeletonRows />;
  return <ErrorState inline title="The values could not be loaded" {...explain(query.error)} />;
}

function Loaded({ found, shown, mayChange }: ChartValuesProps & { shown: Shown }) {
  const change = useChangeValues(found.id);
  const [settings, setSettings] = useState(shown);
  const error = change.error && asProblem(change.error);
  const { problem } = found;
  const wrong =
    problem?.path === "values" && problem.line
      ? [{ line: problem.line, column: problem.column ?? 1, message: problem.detail }]
      : [];
  const elsewhere =
    error &&
    !["values", "release", "namespace", "cluster"].some((name) => error.of(name) ?? error.of(`source.${name}`));
  return (
    <div className="flex flex-col gap-4">
      <p className="text-13 text-muted">
        {shown.chart && <span className="font-mono text-12">{shown.chart}</span>} Changed values render the chart anew;
        answers stay, and so does what it makes at random.
      </p>
      <ChartFields
        settings={settings}
        onChange={(next) => setSettings({ ...settings, ...next, value_files: [...next.value_files] })}
        files={shown.files}
        chart={shown.release}
        error={(field) => error?.of(field) ?? error?.of(`source.${field}`)}
        marks={wrong}
      />
      {elsewhere && <ErrorState inline title="The chart was not rendered" {...explain(error)} />}
      {mayChange && (
        <div>
          <Button tone="primary" busy={change.isPending} onClick={() => change.mutate(askedOf(settings))}>
            Render again
          </Button>
        </div>
      )}
    </div>
  );
}
