import { sentence } from "@/model/words";
import type { StreamState } from "@/realtime";
import { Tag } from "@/ui";

/** Whether changes show by themselves, or why they do not. */
export function Liveness({ state }: { state: StreamState }) {
  if (state === "open") return <Tag tone="ok">Live</Tag>;
  if (state === "connecting") return null;
  const why = typeof state === "object" ? sentence(state.detail) : "The connection is being made again";
  return (
    <span title={why}>
      <Tag tone="warn">Not live</Tag>
    </span>
  );
}
