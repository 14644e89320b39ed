import { RESOURCE_WORDS, sayAmount } from "@/model/amounts";
import { cx } from "@/ui";

interface Amounts {
  readonly used?: number | null;
  readonly requested?: number | null;
  readonly limit?: number | null;
  /** All there is; without it the bar is as long as the largest of the others, and empty where only the use is known. */
  readonly whole?: number | null;
}

interface UsageBarProps extends Amounts {
  /** cpu, memory, ephemeral-storage or pods. */
  readonly resource: string;
}

/** How much of a resource is used, requested and allowed: a bar with marks, and the same in words. */
export function UsageBar({ resource, ...amounts }: UsageBarProps) {
  const { used, requested, limit, whole } = amounts;
  const name = RESOURCE_WORDS[resource] ?? resource;
  const said = [
    used !== null && used !== undefined && `${sayAmount(resource, used)} used`,
    requested !== null && requested !== undefined && `${sayAmount(resource, requested)} requested`,
    limit !== null && limit !== undefined && `limit ${sayAmount(resource, limit)}`,
    whole !== null && whole !== undefined && `of ${sayAmount(resource, whole)}`,
  ].filter(Boolean);
  return (
    <div className="min-w-0">
      <p className="mb-1 flex flex-wrap justify-between gap-x-3 text-12">
        <span className="font-medium">{name}</span>
        <span className="text-muted tabular-nums">{said.join(" · ") || "not known"}</span>
      </p>
      <UsageTrack label={`${name}: ${said.join(", ") || "not known"}`} {...amounts} />
    </div>
  );
}

/** The bar alone. */
export function UsageTrack({ label, used, requested, limit, whole }: Amounts & { label: string }) {
  const most = Math.max(requested ?? 0, limit ?? 0);
  const full = whole ?? (most > 0 ? Math.max(used ?? 0, most) : 0); // what is used fills no bar by itself
  const share = (value: number | null | undefined) =>
    value === null || value === undefined || full <= 0 ? null : Math.min(1, value / full) * 100;
  const [usedAt, requestedAt, limitAt] = [share(used), share(requested), share(limit)];
  const over = limit ? (used ?? 0) / limit > 0.9 : whole ? (used ?? requested ?? 0) / whole > 0.9 : false;
  return (
    <div role="img" aria-label={label} className="relative h-2 w-full overflow-hidden rounded-full bg-active">
      {requestedAt !== null && (
        <span
          className={cx("absolute inset-y-0 left-0", over && usedAt === null ? "bg-warn" : "bg-line-strong")}
          style={{ width: `${requestedAt}%` }}
        />
      )}
      {usedAt !== null && (
        <span
          className={cx("absolute inset-y-0 left-0", over ? "bg-warn" : "bg-accent")}
          style={{ width: `${usedAt}%` }}
        />
      )}
      {limitAt !== null && limitAt < 100 && (
        <span className="absolute inset-y-0 w-0.5 bg-bad" style={{ left: `calc(${limitAt}% - 1px)` }} />
      )}
    </div>
  );
}
