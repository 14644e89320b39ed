export { resetLive, useConnection, useLiveTopic, useLiveValue, useLiveValues, useTopic } from "./live";
