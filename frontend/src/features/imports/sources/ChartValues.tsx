import { useState } from "react";
import { useNavigate } from "react-router";
import type { ChartValues as Shown, Import } from "@/contract";
import { asProblem } from "@/api";
import { explain } from "@/product";
import { Button, ErrorState, SkeletonRows } from "@/ui";
import { useChangeValues, useChartValues, useRenderAgain } from "../queries";
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
  const navigate = useNavigate();
  const { workflow } = found;
  const change = useChangeValues(found.id);
  const again = useRenderAgain(
    found.id,
    ({ id }) => void navigate(`/imports/${id}?step=create${workflow ? `&into=${workflow.id}` : ""}`),
  );
  const [isSeen, setSeen] = useState(!workflow);
  const [settings, setSettings] = useState(shown);
  const failure = change.error ?? again.error;
  const error = failure && asProblem(failure);
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
        {workflow && ` What that changes in ${workflow.name} is shown before it is merged.`}
      </p>
      {!isSeen && (
        <p className="text-13">
          The values may hold passwords.{" "}
          <Button size="sm" onClick={() => setSeen(true)}>
            Show the values
          </Button>
        </p>
      )}
      {isSeen && (
        <ChartFields
          settings={settings}
          onChange={(next) => setSettings({ ...settings, ...next, value_files: [...next.value_files] })}
          files={shown.files}
          chart={shown.release}
          error={(field) => error?.of(field) ?? error?.of(`source.${field}`)}
          marks={wrong}
        />
      )}
      {elsewhere && <ErrorState inline title="The chart was not rendered" {...explain(error)} />}
      {isSeen && (mayChange || workflow) && (
        <div>
          <Button
            tone="primary"
            busy={change.isPending || again.isPending}
            onClick={() => (workflow ? again : change).mutate(askedOf(settings))}
          >
            {workflow ? `Render again, and merge into ${workflow.name}` : "Render again"}
          </Button>
        </div>
      )}
    </div>
  );
}
