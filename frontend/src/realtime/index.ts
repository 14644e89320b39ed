export { resetLive, useConnection, useLiveTopic, useLiveValue, useLiveValues, useTopic } from "./live";
export type { LiveTopic } from "./liveState";
export type { Connection } from "./socket";
