import { useCallback, useState, type ReactNode } from "react";
import { asProblem, type ConfirmedDeletions } from "@/api";
import { sentence } from "@/model/words";
import { deletionsAsked, type DeletionsAsked } from "./asked";
import { ConfirmDeletions } from "./ConfirmDeletions";

interface Question {
  readonly asked: DeletionsAsked;
  /** Data goes too. */
  readonly data: boolean;
  readonly busy: boolean;
  readonly error: string | null;
  readonly confirm: (count: number) => void;
  /** Null where the request cannot say whether data goes. */
  readonly setData: ((data: boolean) => void) | null;
  readonly dismiss: () => void;
}

/** Starts something that may delete; `confirmed` is what the person has agreed to, for the request. */
type Start<T> = (confirmed?: ConfirmedDeletions) => Promise<T>;

/**
 * The question before deletions, for anything that starts a run. `ask(start)` starts; where the server wants deletions
 * to be confirmed, it shows `dialog` and starts again with their number and the confirmation of the list. Null comes
 * back when the person says no; other refusals are thrown, and those after the question are shown in the dialog. With
 * `mayDeleteData`, which must not change, the person may choose that what holds data goes too, where something does.
 */
export function useDeletionsQuestion(environment: string, verb?: string, { mayDeleteData = false } = {}) {
  const [question, setQuestion] = useState<Question | null>(null);
  const ask = useCallback(
    async <T,>(start: Start<T>): Promise<T | null> => {
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
          const holdsData = first.kept.some((each) => each.holds_data);
          const put = (asked: DeletionsAsked, data: boolean, error: string | null = null) => {
            const withData = data ? { delete_volumes: true } : {};
            const show = (more: Pick<Question, "data" | "busy" | "error">) =>
              setQuestion({ asked, confirm, setData: mayDeleteData && holdsData ? setData : null, dismiss, ...more });
            const begun = (started: T) => {
              setQuestion(null);
              resolve(started);
            };
            const confirm = (count: number) => {
              show({ data, busy: true, error: null });
              start({ confirm_deletions: count, confirmation: asked.confirmation, ...withData }).then(
                begun,
                // The cluster may have changed meanwhile: then the new list is asked about.
                (error: unknown) => put(deletionsAsked(error) ?? asked, data, refusalOf(error)),
              );
            };
            const setData = (next: boolean) => {
              if (!next) return put(first, false);
              show({ data: true, busy: true, error: null });
              start({ delete_volumes: true }).then(begun, (error: unknown) => {
                const more = deletionsAsked(error);
                put(more ?? asked, more !== null, more ? null : refusalOf(error));
              });
            };
            show({ data, busy: false, error });
          };
          put(first, false);
        });
      }
    },
    [mayDeleteData],
  );
  const dialog: ReactNode = question && (
    <ConfirmDeletions
      asked={question.asked}
      environment={environment}
      verb={verb}
      busy={question.busy}
      error={question.error}
      data={question.setData && { checked: question.data, onChange: question.setData }}
      onConfirm={question.confirm}
      onClose={question.dismiss}
    />
  );
  return { ask, dialog };
}

function refusalOf(error: unknown): string {
  return deletionsAsked(error) ? "The list has changed. Check it again." : sentence(asProblem(error).detail);
}
