import { ArrowUp } from "lucide-react";
import { newerBuild } from "@/model/images";
import { useSourceImage } from "./useImages";

/** That a run would take a newer build of this source than the environment's last run did. */
export function NewerBuild({ nodeId, spoken = false }: { nodeId: string; spoken?: boolean }) {
  const words = newerBuild(useSourceImage(nodeId));
  if (words === "") return null;
  if (spoken) return <>, {words}</>;
  return (
    <span
      aria-hidden
      data-newer
      title={words}
      className="ml-1.5 inline-flex size-3.5 items-center justify-center rounded-full bg-accent align-middle text-on-accent"
    >
      <ArrowUp size={10} strokeWidth={3} />
    </span>
  );
}
