import { useCallback, useRef } from "react";
import { useNavigate } from "react-router";
import type { Run, User } from "@/contract";
import { sentence } from "@/model/words";
import { stateOf, STATUS, useTeamTopics } from "@/product";
import { useTopicChanges, type TopicChanges } from "@/realtime";
import { markTabInBackground, toast } from "@/ui";

/** Says a word when a run ends that is not in view: one of the person's own, or one of the team that failed. */
export function useRunNotices(user: User): void {
  const navigate = useNavigate();
  const told = useRef(new Set<string>());
  useTopicChanges(
    useTeamTopics(user),
    useCallback(
      ({ isFresh, values }: TopicChanges) => {
        if (isFresh) return;
        for (const [key, value] of values) {
          if (!key.startsWith("run:") || value === undefined) continue;
          const run = value as Run;
          const ending = `${run.id} ${run.finished_at}`;
          const notice = noticeOf(run, user);
          if (!notice || told.current.has(ending)) continue;
          told.current.add(ending);
          markTabInBackground(notice.mark);
          if (!isInView(run, window.location))
            toast({
              key: `run:${run.id}`,
              tone: STATUS[stateOf(run)].tone,
              title: notice.title,
              detail: notice.detail,
              action: { label: "Show the run", onClick: () => void navigate(`/runs/${run.id}`) },
            });
        }
      },
      [navigate, user],
    ),
  );
}

export interface RunNotice {
  readonly title: string;
  readonly detail?: string;
  readonly mark: string;
}

/** Null for what nobody waits for: a run that goes on, was canceled or overtaken, or went well for somebody else. */
export function noticeOf(run: Run, user: Pick<User, "id">): RunNotice | null {
  const isMine = run.created_by?.id === user.id;
  const isTold = run.state === "failed" ? stateOf(run) !== "superseded" : run.state === "succeeded" && isMine;
  if (!isTold) return null;
  return {
    title: `${run.workflow.name} #${run.number} ${STATUS[run.state].word} in ${run.environment.name}`,
    detail: run.error ? sentence(run.error.detail) : undefined,
    mark: run.state === "failed" ? "✕" : "✓",
  };
}

/** The page of the run, and the editor of its workflow, show its end themselves. */
export function isInView(run: Pick<Run, "id" | "workflow">, { pathname }: Pick<Location, "pathname">): boolean {
  return pathname === `/runs/${run.id}` || pathname === `/workflows/${run.workflow.id}`;
}
