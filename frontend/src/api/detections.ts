import type { Detection, DetectedPlan, MadeFromGit, NewGitApp, WrittenDockerfile } from "@/contract";
import { api } from "./client";
import type { NewEnvironment } from "./workflows";

export interface NewDetection {
  team?: string;
  repository: string;
  connection: string | null;
  ref: string;
  root: string;
}
export interface NewFromGit {
  name: string;
  apps: readonly NewGitApp[];
  environment?: NewEnvironment;
  build: boolean;
  idempotency_key: string;
}

export const startDetection = (given: NewDetection) => api.post<Detection>("detections", given);
export const fetchDetection = (detectionId: string, signal?: AbortSignal) =>
  api.get<Detection>(`detections/${detectionId}`, undefined, signal);
export const cancelDetection = (detectionId: string) => api.post<Detection>(`detections/${detectionId}/cancel`, {});
/** The Dockerfile that is written for a plan as a person changed it. */
export const writeDockerfile = (detectionId: string, plan: DetectedPlan) =>
  api.post<WrittenDockerfile>(`detections/${detectionId}/dockerfile`, { plan });
/** The same key makes one workflow. */
export const makeFromGit = (detectionId: string, given: NewFromGit) =>
  api.post<MadeFromGit>(`detections/${detectionId}/workflow`, given);
