import { Link } from "react-router";
import type { RunWithSteps, Step } from "@/contract";
import { ACTION_WORD } from "@/model/runWords";
import { sentence } from "@/model/words";
import { StatusGlyph, stepStatus, whyUnwell } from "@/product";
import { Elapsed, ErrorState, Facts, RelativeTime, SidePanel } from "@/ui";

/** The details of a step of a run. */
export function StepPanel({ run, step, onClose }: { run: RunWithSteps; step: Step; onClose: () => void }) {
  return (
    <SidePanel
      name="run-step"
      title={step.ref.name}
      subtitle={step.ref.kind}
      onClose={onClose}
      min={320}
      max={560}
      initial={400}
    >
      <div className="flex flex-col gap-4 p-4">
        <StatusGlyph status={stepStatus(step, run)} />
        {step.error && (
          <ErrorState inline title="Refused" reason={sentence(step.error.detail)} details={step.error.code} />
        )}
        <Facts
          rows={[
            [
              "Object",
              <span
                key="ref"
                className="font-mono text-12 break-all"
              >{`${step.ref.api_version} ${step.ref.kind}`}</span>,
            ],
            [
              "Name",
              <span key="name" className="font-mono text-12 break-all">
                {step.ref.name}
              </span>,
            ],
            Boolean(step.ref.namespace) && [
              "Namespace",
              <span key="ns" className="font-mono text-12">
                {step.ref.namespace}
              </span>,
            ],
            ["Action", ACTION_WORD[step.action]],
            Boolean(step.reason) && ["Kept because it", step.reason],
            Boolean(step.waits_for) && ["Now", sentence(step.waits_for ?? "")],
            Boolean(whyUnwell(step)) && ["When the run ended", sentence(whyUnwell(step))],
            ["Wave", step.wave + 1],
            ["Started", <RelativeTime key="started" at={step.started_at} />],
            [
              "Duration",
              <Elapsed
                key="duration"
                from={step.started_at}
                to={step.state === "running" ? null : (step.finished_at ?? step.started_at)}
              />,
            ],
          ]}
        />
        {step.node_id && (
          <Link
            to={`/workflows/${run.workflow.id}?node=${encodeURIComponent(step.node_id)}`}
            className="w-fit rounded-sm text-13 font-medium text-accent-text hover:underline"
          >
            Show on the canvas
          </Link>
        )}
      </div>
    </SidePanel>
  );
}
