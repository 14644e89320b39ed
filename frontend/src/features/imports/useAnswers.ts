import { useState } from "react";
import { asProblem } from "@/api";
import type { ImportDecision } from "@/contract";
import { sentence } from "@/model/words";
import { useAnswer } from "./queries";

/** An answer that the server did not take: what was typed, and why not. The answer before it is in force. */
export interface Refusal {
  readonly typed: string;
  readonly why: string;
}

export interface Answers {
  readonly isBusy: boolean;
  readonly refused: Readonly<Record<string, Refusal>>;
  /** Null: the default. */
  readonly give: (decision: ImportDecision, value: string | null) => void;
  /** Forget what was refused. */
  readonly forget: (decisionId: string) => void;
}

/** Answers on their way to the server; it outlives the fields, so that leaving them hides no refusal. */
export function useAnswers(importId: string, onRefused: () => void): Answers {
  const answer = useAnswer(importId);
  const [refused, setRefused] = useState<Readonly<Record<string, Refusal>>>({});
  const forget = (decisionId: string): void =>
    setRefused((had) => Object.fromEntries(Object.entries(had).filter(([id]) => id !== decisionId)));
  const give = ({ id }: ImportDecision, value: string | null): void =>
    void answer.mutateAsync({ answers: { [id]: value } }).then(
      () => forget(id),
      (error: unknown) => {
        const why = asProblem(error).detail.replace(` to ${id.slice(0, 120)};`, ";");
        setRefused((had) => ({ ...had, [id]: { typed: value ?? "", why: sentence(why) } }));
        onRefused();
      },
    );
  return { isBusy: answer.isPending, refused, give, forget };
}
