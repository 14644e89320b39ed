import { Tag } from "@/ui";

interface Ending {
  readonly expiry: "none" | "later" | "soon" | "urgent" | "over";
  readonly expires_in_days: number | null;
}

export const isNear = ({ expiry }: Ending): boolean => expiry !== "none" && expiry !== "later";

/** How near the end of a token or certificate is, where that is near. `what` ends is left out where room is scarce. */
export function ExpiryTag({ of, what = "" }: { of: Ending; what?: string }) {
  const { expiry, expires_in_days: days } = of;
  if (!isNear(of)) return null;
  if (expiry === "over") return <Tag tone="bad">{`${what} expired`.trim()}</Tag>;
  const left = days === 0 ? "today" : days === 1 ? "in a day" : `in ${days} days`;
  return <Tag tone={expiry === "urgent" ? "bad" : "warn"}>{`${what} expires ${left}`.trim()}</Tag>;
}
