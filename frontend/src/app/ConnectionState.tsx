import { WifiOff } from "lucide-react";
import { useConnection } from "@/realtime";
import { RelativeTime, useNow } from "@/ui";

const WORTH_A_WORD_MS = 2_500;

/** Shows since when the page may be out of date; nothing while connected, and nothing for a short interruption. */
export function ConnectionState() {
  const connection = useConnection();
  const since = connection.type === "waiting" || connection.type === "connecting" ? connection.since : null;
  const now = useNow(since !== null);
  if (since === null || now - since < WORTH_A_WORD_MS) return null;
  return (
    <span role="status" className="flex shrink-0 items-center gap-1.5 rounded bg-warn-soft px-2 py-1 text-12 text-warn">
      <WifiOff size={14} aria-hidden />
      Reconnecting
      <span className="hidden lg:inline">
        · as of <RelativeTime at={new Date(since).toISOString()} />
      </span>
    </span>
  );
}
