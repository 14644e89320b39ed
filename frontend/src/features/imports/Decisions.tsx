import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import type { Import, ImportDecision } from "@/contract";
import { placesWord, topicsOf } from "@/model/importWords";
import { Button, Card, Field, Input, PasswordInput, Select } from "@/ui";
import type { Answers, Refusal } from "./useAnswers";

interface DecisionsProps {
  readonly found: Import;
  readonly answers: Answers;
  /** Otherwise the answers are shown as they were given. */
  readonly mayAnswer: boolean;
  /** The id of the one that was asked for; "" for none. */
  readonly wanted: string;
}

/** What only a person can decide, each with an answer that works; another answer converts the files again. */
export function Decisions({ found, answers, mayAnswer, wanted }: DecisionsProps) {
  const all = useRef<HTMLElement>(null);
  useEffect(() => {
    const fields = [...(all.current?.querySelectorAll<HTMLElement>("[data-decision]") ?? [])];
    const field = fields.find(({ dataset }) => dataset.decision === wanted);
    field?.scrollIntoView({ block: "center" });
    field?.querySelector<HTMLElement>("input, [role=combobox]")?.focus();
  }, [wanted]);
  return (
    <section ref={all} aria-label="Decisions" className="flex min-w-0 flex-col gap-4">
      {found.answers_from !== null && mayAnswer && (
        <p className="text-12 text-muted">
          It began with the answers of{" "}
          <Link
            to={`/imports/${found.answers_from}?step=decisions`}
            className="rounded text-accent-text hover:underline"
          >
            the last import of these files
          </Link>
          .
        </p>
      )}
      {found.decisions.length === 0 && <p className="text-13 text-muted">There is nothing to decide.</p>}
      {topicsOf(found.decisions).map(({ title, decisions }) => (
        <Card key={title} title={title}>
          <div className="flex flex-col gap-4">
            {decisions.map((decision) => (
              <div key={decision.id} data-decision={decision.id}>
                <DecisionField
                  key={`${decision.answer} ${decision.id in answers.refused}`}
                  decision={decision}
                  answers={answers}
                  mayAnswer={mayAnswer}
                />
              </div>
            ))}
          </div>
        </Card>
      ))}
    </section>
  );
}

interface DecisionFieldProps {
  readonly decision: ImportDecision;
  readonly answers: Answers;
  readonly mayAnswer: boolean;
}

function DecisionField({ decision, answers, mayAnswer }: DecisionFieldProps) {
  const places = placesWord(decision.places);
  const refusal = answers.refused[decision.id];
  const cannot = !mayAnswer || answers.isBusy;
  return (
    <Field
      label={decision.question}
      aside={mayAnswer && <TakeBack decision={decision} answers={answers} />}
      error={refusal && `${refusal.why} Until then ${inForce(decision)} is in force.`}
      help={places ? <span className="font-mono text-11">{places}</span> : undefined}
    >
      {decision.choices.length > 0 ? (
        <Select
          wrap
          value={decision.answer}
          disabled={cannot}
          onChange={(value) => answers.give(decision, value)}
          options={decision.choices.map(({ value, label }) => ({ value, label }))}
        />
      ) : (
        <TextAnswer
          decision={decision}
          refusal={refusal}
          mayAnswer={mayAnswer}
          onAnswer={(value) => answers.give(decision, value)}
        />
      )}
    </Field>
  );
}

/** The answer that counts, in words. */
function inForce({ answer, choices, is_hidden }: ImportDecision): string {
  if (is_hidden) return answer ? "the value given before" : "no value";
  return choices.find(({ value }) => value === answer)?.label ?? (answer || "no value");
}

/** Back from a refused answer to the one in force, and from that to the default. */
function TakeBack({ decision, answers }: Pick<DecisionFieldProps, "decision" | "answers">) {
  if (decision.id in answers.refused)
    return (
      <Button size="sm" tone="ghost" onClick={() => answers.forget(decision.id)}>
        Keep {inForce(decision)}
      </Button>
    );
  if (decision.answer === decision.default) return null;
  return (
    <Button size="sm" tone="ghost" disabled={answers.isBusy} onClick={() => answers.give(decision, null)}>
      Use the default
    </Button>
  );
}

interface TextAnswerProps {
  readonly decision: ImportDecision;
  readonly refusal: Refusal | undefined;
  readonly mayAnswer: boolean;
  readonly onAnswer: (value: string) => void;
}

function TextAnswer({ decision, refusal, mayAnswer, onAnswer }: TextAnswerProps) {
  const input = useRef<HTMLInputElement>(null);
  const inForceText = decision.is_hidden ? "" : decision.answer;
  const [typed, setTyped] = useState(refusal?.typed ?? inForceText);
  useEffect(() => {
    // The page may have been scrolled, or stand at another step, by the time the server answers.
    if (refusal) input.current?.focus();
  }, [refusal]);
  const send = (): void => {
    if (typed !== inForceText && typed !== refusal?.typed) onAnswer(typed);
  };
  const props = {
    ref: input,
    value: typed,
    readOnly: !mayAnswer,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
    onBlur: send,
    onKeyDown: (event: { key: string }) => event.key === "Enter" && (refusal ? onAnswer(typed) : send()),
  };
  if (decision.is_hidden)
    return (
      <PasswordInput {...props} autoComplete="off" placeholder={decision.answer ? "Given, and kept sealed" : ""} />
    );
  return <Input mono {...props} />;
}
