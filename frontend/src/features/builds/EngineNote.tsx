import { Loader, TriangleAlert } from "lucide-react";
import { sentence } from "@/model/words";
import { cx, TONE_SOFT } from "@/ui";
import { useBuildEngines } from "./queries";

/** Why builds wait; nothing where they can run, or where none is asked for. */
export function EngineNote() {
  const engines = useBuildEngines().data?.results ?? [];
  // It starts when it is first wanted: until somebody waits for it, nothing is wrong.
  const isWanted = engines.some(({ coming, running, waiting }) => coming || running + waiting > 0);
  if (!isWanted || engines.some((engine) => engine.ready)) return null;
  const coming = engines.find((engine) => engine.coming);
  const facts = (coming ?? engines[0])?.facts ?? [];
  const Icon = coming ? Loader : TriangleAlert;
  return (
    <p
      role="status"
      className={cx(
        "flex items-start gap-2 border-b border-line px-5 py-2 text-12",
        TONE_SOFT[coming ? "busy" : "warn"],
      )}
    >
      <Icon size={14} className={cx("mt-0.5 shrink-0", coming && "animate-spin-slow")} aria-hidden />
      <span className="min-w-0 break-words">
        {coming ? "The build engine is being prepared; builds wait for it. " : "Nothing can be built here now. "}
        {facts.map(sentence).join(" ")}
      </span>
    </p>
  );
}
