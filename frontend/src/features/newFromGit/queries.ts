import { useMutation, useQueryClient } from "@tanstack/react-query";
import { makeFromGit, writeDockerfile } from "@/api";
import { buildListsKey, useWorkflowMutation } from "@/product";

export const writingKey = ["detections", "writing"] as const;

/** The Dockerfile of a changed plan. */
export function useWriteDockerfile(detectionId: string) {
  return useMutation({
    mutationKey: writingKey,
    mutationFn: (plan: Parameters<typeof writeDockerfile>[1]) => writeDockerfile(detectionId, plan),
  });
}

export function useMakeFromGit(detectionId: string) {
  const client = useQueryClient();
  return useWorkflowMutation(async (given: Parameters<typeof makeFromGit>[1]) => {
    const made = await makeFromGit(detectionId, given);
    void client.invalidateQueries({ queryKey: buildListsKey });
    return made;
  });
}
