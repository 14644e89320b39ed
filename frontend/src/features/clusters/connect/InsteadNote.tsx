import { ArrowRight } from "lucide-react";
import { Button, intoView } from "@/ui";
import { WAYS, type Instead } from "./ways";

/** A kubeconfig names a program: what it does, and the way that works, one click away. */
export function InsteadNote({ instead, onGoOn }: { instead: Instead; onGoOn: () => void }) {
  return (
    <div
      ref={intoView}
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded border border-warn/40 bg-warn-soft px-3 py-2"
    >
      <p className="min-w-0 flex-1 basis-72 text-13">
        This kubeconfig has no credentials of its own: <code className="font-mono text-12">{instead.plugin}</code>{" "}
        {instead.does}. That program does not run on this server.
      </p>
      <Button icon={<ArrowRight size={14} aria-hidden />} onClick={onGoOn}>
        {instead.way === "oidc" ? "Use OIDC" : `Use a ${WAYS[instead.way].label.toLowerCase()}`}
      </Button>
    </div>
  );
}
