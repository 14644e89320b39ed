/** What was built of the sources on the canvas, and what a run would take. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { fetchImages } from "@/api";
import type { SourceImages } from "@/contract";
import { imagesKey, useWorkflow } from "@/product";
import { useDocument, useEditor, useView } from "../state/session";

export type SourceImage = SourceImages["nodes"][number];

/** The image of one source of the saved graph in the chosen environment; undefined while that is not known. */
export function useSourceImage(nodeId: string, enabled = true): SourceImage | undefined {
  return useImages(enabled)?.nodes.find((one) => one.node_id === nodeId);
}

/** The names of the team's sources. */
export function useSourceNames(): readonly string[] | undefined {
  return useImages()?.sources;
}

/**
 * Nothing is selected by the query: a selection that is another function at each render, of data kept from before, is
 * another result at each look, and React renders without end.
 */
export function useImages(enabled = true): SourceImages | undefined {
  const { workflowId } = useEditor();
  const environment = useView((state) => state.environmentId);
  const rev = useDocument((state) => state.save.rev);
  const chosen = useWorkflow(workflowId).data?.environments.find(({ id }) => id === environment);
  return useQuery({
    queryKey: [...imagesKey(workflowId), environment, rev, chosen?.deployed?.run_id ?? null],
    queryFn: ({ signal }) => fetchImages(workflowId, environment, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled,
  }).data;
}
