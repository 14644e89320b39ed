import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { SelfHealHolds, useUpdateEnvironment } from "@/product";
import { Card, ErrorState, Switch } from "@/ui";

type Rule = "auto_rollback" | "protected" | "self_heal";
const RULES: readonly { readonly rule: Rule; readonly label: string; readonly help: string }[] = [
  {
    rule: "auto_rollback",
    label: "Automatic rollback",
    help: "A run that fails after it has changed something is followed by a rollback to the last one that succeeded. Its version is then held back from runs that a trigger or self-heal starts.",
  },
  {
    rule: "protected",
    label: "Protected",
    help: "A run needs a plan that a second person has approved. Operators of the team approve, and turn this on and off.",
  },
  {
    rule: "self_heal",
    label: "Self-heal",
    help: "What others change or delete of its objects is put back by itself, with pauses that grow. Never where two managers overwrite each other, of Secrets, or of a version that is held back.",
  },
];

/** What an environment does by itself, and what it asks for; each switch is saved at once. */
export function RulesCard({
  environment,
  writable,
  mayProtect,
}: {
  environment: Environment;
  writable: boolean;
  /** Whether the person may decide about protection. */
  mayProtect: boolean;
}) {
  const update = useUpdateEnvironment();
  const problem = update.error ? asProblem(update.error) : null;
  return (
    <Card title="Rules" padded={false}>
      {problem && (
        <ErrorState
          inline
          className="m-4 mb-0"
          title="Not saved"
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <ul aria-label="Rules">
        {RULES.map(({ rule, label, help }) => {
          const asked = update.isPending ? update.variables[rule] : undefined;
          return (
            <li key={rule} className="flex items-start gap-4 border-b border-line px-4 py-3 last:border-b-0">
              <div className="min-w-0 flex-1">
                <p className="text-13 font-medium">{label}</p>
                <p className="max-w-160 text-12 text-muted">{help}</p>
                {rule === "self_heal" && environment.self_heal && <SelfHealHolds environmentId={environment.id} />}
              </div>
              <Switch
                label={label}
                checked={asked ?? environment[rule]}
                disabled={!writable || update.isPending || (rule === "protected" && !mayProtect)}
                onChange={(on) => update.mutate({ id: environment.id, [rule]: on })}
              />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
