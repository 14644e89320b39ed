import { useCallback, useState, type ReactNode } from "react";
import { asProblem, type ConfirmedDeletions } from "@/api";
import { sentence } from "@/model/words";
import { deletionsAsked, type DeletionsAsked } from "./asked";
import { ConfirmDeletions } from "./ConfirmDeletions";

interface Question {
  readonly asked: DeletionsAsked;
  readonly busy: boolean;
  readonly error: string | null;
  readonly confirm: (count: number) => void;
  readonly dismiss: () => void;
}

/** Starts something that may delete; `confirmed` is what the person has agreed to, for the request. */
type Start<T> = (confirmed?: ConfirmedDeletions) => Promise<T>;

/**
 * The question before deletions, for anything that starts a run. `ask(start)` starts; where the server wants deletions
 * to be confirmed, it shows `dialog` and starts again with their number and the confirmation of the list. Null comes
 * back when the person says no; other refusals are thrown, and those after the question are shown in the dialog.
 */
export function useDeletionsQuestion(environment: string, verb?: string) {
  const [question, setQuestion] = useState<Question | null>(null);
  const ask = useCallback(async <T,>(start: Start<T>): Promise<T | null> => {
    try {
      return await start();
    } catch (refusal) {
      const first = deletionsAsked(refusal);
      if (!first) throw refusal;
      return new Promise<T | null>((resolve) => {
        const dismiss = () => {
          setQuestion(null);
          resolve(null);
        };
        const put = (asked: DeletionsAsked, error: string | null = null) => {
          const confirm = (count: number) => {
            setQuestion({ asked, busy: true, error: null, confirm, dismiss });
            start({ confirm_deletions: count, confirmation: asked.confirmation }).then(
              (started) => {
                setQuestion(null);
                resolve(started);
              },
              // The cluster may have changed meanwhile: then the new list is asked about.
              (error: unknown) => put(deletionsAsked(error) ?? asked, refusalOf(error)),
            );
          };
          setQuestion({ asked, busy: false, error, confirm, dismiss });
        };
        put(first);
      });
    }
  }, []);
  const dialog: ReactNode = question && (
    <ConfirmDeletions
      asked={question.asked}
      environment={environment}
      verb={verb}
      busy={question.busy}
      error={question.error}
      onConfirm={question.confirm}
      onClose={question.dismiss}
    />
  );
  return { ask, dialog };
}

function refusalOf(error: unknown): string {
  return deletionsAsked(error) ? "The list has changed. Check it again." : sentence(asProblem(error).detail);
}
