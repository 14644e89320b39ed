import type { Environment } from "@/contract";
import { sentence } from "@/model/words";
import { relativeTime, cx, useNow } from "@/ui";
import { StatusGlyph } from "./StatusGlyph";

/** How the objects of an environment are; hollow with its age where nobody has heard of them for a while. */
export function EnvironmentHealth({
  environment,
  name = false,
  className,
}: {
  environment: Pick<Environment, "name" | "health">;
  /** Says of which environment. */
  name?: boolean;
  className?: string;
}) {
  const { health } = environment;
  const now = useNow(Boolean(health?.stale_since));
  if (!health) return <span className={cx("text-faint", className)}>–</span>;
  const age = health.stale_since && relativeTime(Date.parse(health.stale_since), now);
  const reason = [health.reason && sentence(health.reason), age && `As of ${age}; the cluster has not answered since.`]
    .filter(Boolean)
    .join(" ");
  return (
    <span className={cx("flex min-w-0 items-center gap-1.5", className)}>
      <StatusGlyph
        status={health.health}
        stale={health.stale_since !== null}
        reason={reason || undefined}
        className={cx(name && "shrink-0")}
      />
      {name && <span className="min-w-0 truncate text-12 text-muted">{environment.name}</span>}
    </span>
  );
}
