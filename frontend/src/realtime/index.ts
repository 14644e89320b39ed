export { followEvents, type StreamState } from "./eventStream";
export {
  resetLive,
  resumeLive,
  useConnection,
  useIsLive,
  useLiveTopic,
  useLiveValue,
  useLiveValues,
  useTopic,
  useTopicChanges,
} from "./live";
export type { TopicChanges } from "./liveState";
