import { useState } from "react";
import type { Import } from "@/contract";
import { explain } from "@/product";
import { Button, ErrorState, Field, Form, Input, LinkButton } from "@/ui";
import { useAnswer } from "./queries";
import { RefusedFiles } from "./RefusedFiles";
import { ChartValues } from "./sources/ChartValues";

/** Why nothing came of it; a variable that must be set can be given here. */
export function Refused({ found, mayEdit, into }: { found: Import; mayEdit: boolean; into: string }) {
  const answer = useAnswer(found.id);
  const [value, setValue] = useState("");
  const detail = found.problem?.detail ?? "";
  const missing =
    found.problem?.code === "import.variable_required" && /the variable (\w+) must be set/.exec(detail)?.[1];
  const failure = answer.error && explain(answer.error);
  return (
    <div className="flex max-w-200 flex-col gap-4 px-5">
      {found.problem ? <RefusedFiles found={found} /> : <p className="text-13">Rendering was canceled.</p>}
      {failure && <ErrorState inline title="The value was not taken" {...failure} />}
      {mayEdit && missing && (
        <Form
          className="flex items-end gap-2"
          onSubmit={() => answer.mutate({ environment: { [missing]: value } }, { onSuccess: () => setValue("") })}
        >
          <Field label={missing} className="flex-1">
            <Input mono value={value} onChange={(event) => setValue(event.target.value)} />
          </Field>
          <Button type="submit" busy={answer.isPending}>
            Convert again
          </Button>
        </Form>
      )}
      {mayEdit && found.source.chart && <ChartValues found={found} mayChange={!found.workflow} />}
      <div>
        {found.source.type === "chart" || found.source.type === "kustomize" ? (
          <LinkButton to="/imports/new?from=chart">Import other files</LinkButton>
        ) : found.source.type === "git" || found.source.type === "namespace" ? (
          <LinkButton to={`/imports/new?from=${found.source.type}&corrects=${found.id}`}>
            {found.source.type === "git" ? "Import from git" : "Read a namespace"}
          </LinkButton>
        ) : (
          <LinkButton to={`/imports/new?corrects=${found.id}${into ? `&into=${into}` : ""}`}>
            Correct the files
          </LinkButton>
        )}
      </div>
    </div>
  );
}
