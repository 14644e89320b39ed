export { useLiveClusters } from "./clusters";
export { resetLive, useConnection, useLiveTopic, useLiveValue, useLiveValues, useTopic } from "./live";
export type { LiveTopic } from "./liveState";
export { useLiveRun, useRunLog, useUnwell } from "./runs";
export type { Connection } from "./socket";
