import { useState } from "react";
import type { Import, ImportDecision } from "@/contract";
import { placeWord, topicsOf } from "@/model/importWords";
import { explain } from "@/product";
import { Button, Card, ErrorState, Field, Input, PasswordInput, Select } from "@/ui";
import { useAnswer } from "./queries";

/** What only a person can decide, each with an answer that works; another answer converts the files again. */
export function Decisions({ found }: { found: Import }) {
  const answer = useAnswer(found.id);
  const failure = answer.error && explain(answer.error);
  return (
    <section aria-label="Decisions" className="flex min-w-0 flex-col gap-4">
      {failure && <ErrorState inline title="The answer was not taken" {...failure} />}
      {found.decisions.length === 0 && <p className="text-13 text-muted">There is nothing to decide.</p>}
      {topicsOf(found.decisions).map(({ title, decisions }) => (
        <Card key={title} title={title}>
          <div className="flex flex-col gap-4">
            {decisions.map((decision) => (
              <DecisionField
                key={`${decision.id} ${decision.answer}`}
                decision={decision}
                busy={answer.isPending}
                onAnswer={(value) => answer.mutate({ answers: { [decision.id]: value } })}
              />
            ))}
          </div>
        </Card>
      ))}
    </section>
  );
}

interface DecisionFieldProps {
  readonly decision: ImportDecision;
  readonly busy: boolean;
  /** Null: the default. */
  readonly onAnswer: (value: string | null) => void;
}

function DecisionField({ decision, busy, onAnswer }: DecisionFieldProps) {
  const places = decision.places.map(placeWord).join(", ");
  const isChanged = decision.answer !== decision.default;
  return (
    <Field
      label={decision.question}
      aside={
        isChanged && (
          <Button size="sm" tone="ghost" disabled={busy} onClick={() => onAnswer(null)}>
            Use the default
          </Button>
        )
      }
      help={places ? <span className="font-mono text-11">{places}</span> : undefined}
    >
      {decision.choices.length > 0 ? (
        <Select
          value={decision.answer}
          disabled={busy}
          onChange={onAnswer}
          options={decision.choices.map(({ value, label }) => ({ value, label }))}
        />
      ) : (
        <TextAnswer decision={decision} onAnswer={onAnswer} />
      )}
    </Field>
  );
}

function TextAnswer({ decision, onAnswer }: Pick<DecisionFieldProps, "decision" | "onAnswer">) {
  const [typed, setTyped] = useState(decision.is_hidden ? "" : decision.answer);
  const send = (): void => {
    const isNew = decision.is_hidden ? typed !== "" : typed !== decision.answer;
    if (isNew) onAnswer(typed);
  };
  const props = {
    value: typed,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
    onBlur: send,
    onKeyDown: (event: { key: string }) => event.key === "Enter" && send(),
  };
  if (decision.is_hidden)
    return (
      <PasswordInput {...props} autoComplete="off" placeholder={decision.answer ? "Given, and kept sealed" : ""} />
    );
  return <Input mono {...props} />;
}
