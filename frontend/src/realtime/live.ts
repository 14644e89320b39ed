import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { create } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { applyMessage, changesBetween, NOTHING_YET, type LiveTopic, type TopicChanges } from "./liveState";
import { LiveSocket, type Connection } from "./socket";

/** The connection to the server; shown in the top bar. */
export const useConnection = create<Connection>(() => ({ type: "idle" }));

/** One store for each topic, so that a change in one environment renders nothing that shows another. */
const stores = new Map<string, StoreApi<LiveTopic>>();

function storeOf(topic: string): StoreApi<LiveTopic> {
  let store = stores.get(topic);
  if (!store) stores.set(topic, (store = createStore<LiveTopic>(() => NOTHING_YET)));
  return store;
}

let socket: LiveSocket | null = null;
function liveSocket(): LiveSocket {
  if (socket) return socket;
  const { protocol, host } = window.location;
  const made = new LiveSocket({
    url: `${protocol === "https:" ? "wss" : "ws"}://${host}/ws/live`,
    onConnection: (connection) => useConnection.setState(connection, true),
    onMessage: (message) => {
      if (message.type === "pong" || !message.topic) return;
      const store = storeOf(message.topic);
      store.setState(applyMessage(store.getState(), message), true);
    },
    placeOf: (topic) => storeOf(topic).getState(),
    world: {
      open: (url) => new WebSocket(url),
      now: () => Date.now(),
      random: () => Math.random(),
      setTimeout: (act, ms) => window.setTimeout(act, ms),
      clearTimeout: (timer) => window.clearTimeout(timer),
    },
  });
  window.addEventListener("online", () => made.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") made.hurry();
  });
  socket = made;
  return made;
}

/** Forgets all live values: another person may sign in next. */
export function resetLive(): void {
  socket?.close();
  stores.clear();
}

/** Connects at once, where it would wait: the person has signed in again. */
export function resumeLive(): void {
  socket?.hurry();
}

/** Follows a topic while the component is mounted; none for null. */
export function useTopic(topic: string | null): void {
  useEffect(() => {
    if (!topic) return;
    const letGo = liveSocket().subscribe(topic);
    return letGo;
  }, [topic]);
}

/** Follows topics and reports what changes in them. `topics` and `onChanges` must be stable. */
export function useTopicChanges(topics: readonly string[], onChanges: (changes: TopicChanges) => void): void {
  useEffect(() => {
    const ends = topics.flatMap((topic) => [
      storeOf(topic).subscribe((after, before) => onChanges(changesBetween(before, after))),
      liveSocket().subscribe(topic),
    ]);
    return () => ends.forEach((end) => end());
  }, [topics, onChanges]);
}

/** True while the page receives changes as they happen. */
export const useIsLive = (): boolean => useConnection((connection) => connection.type === "open");

/** A slice of a topic; renders only when the slice changes (Object.is). Does not subscribe: see `useTopic`. */
export function useLiveTopic<T>(topic: string | null, select: (topic: LiveTopic) => T): T {
  const store = useMemo(() => (topic ? storeOf(topic) : null), [topic]);
  const watch = useCallback((woken: () => void) => store?.subscribe(woken) ?? (() => undefined), [store]);
  return useSyncExternalStore(watch, () => select(store?.getState() ?? NOTHING_YET));
}

/** The latest value of one key, or undefined. */
export function useLiveValue<T>(topic: string | null, key: string): T | undefined {
  return useLiveTopic(topic, (state) => state.values.get(key) as T | undefined);
}

/** All values of a topic; renders at each change. */
export function useLiveValues(topic: string | null): ReadonlyMap<string, unknown> {
  return useLiveTopic(topic, (state) => state.values);
}
