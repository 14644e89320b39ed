import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Button, ErrorState, SidePanel, SkeletonRows } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** Asks about the graph as it is on the canvas, which is saved first; again for each saved revision. */
export function useChecked<Answer>(key: readonly unknown[], ask: () => Promise<Answer>) {
  const { autosaver } = useEditor();
  const rev = useDocument((state) => state.save.rev);
  return useQuery({
    queryKey: [...key, rev],
    queryFn: async () => {
      await autosaver.flush();
      return ask();
    },
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

interface CheckPanelProps<Answer> {
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
  readonly asked: UseQueryResult<Answer>;
  /** "The rights could not be checked" */
  readonly failed: string;
  readonly children: (answer: Answer) => ReactNode;
}

/** What a cluster says of the graph, beside the canvas: loading, failed, or found. */
export function CheckPanel<Answer>({ name, title, subtitle, asked, failed, children }: CheckPanelProps<Answer>) {
  const { view } = useEditor();
  const again = () => void asked.refetch();
  return (
    <SidePanel
      name={name}
      title={title}
      subtitle={subtitle}
      min={320}
      max={960}
      initial={430}
      onClose={() => view.setState({ check: null })}
      actions={
        <Button size="sm" icon={<RotateCw size={14} aria-hidden />} busy={asked.isFetching} onClick={again}>
          Check again
        </Button>
      }
    >
      {asked.isPending ? (
        <SkeletonRows rows={5} />
      ) : asked.isError ? (
        <ErrorState title={failed} reason={sentence(asProblem(asked.error).detail)} onRetry={again} />
      ) : (
        children(asked.data)
      )}
    </SidePanel>
  );
}
