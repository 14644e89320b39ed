import { useEffect } from "react";
import { useBlocker } from "react-router";
import { holdsUnsaved } from "@/model/autosave";
import { Button, Dialog } from "@/ui";
import { useDocument } from "./state/session";

/**
 * Closing the tab with unsaved edits asks first. Going to another page saves them on the way, and asks only where
 * saving has failed.
 */
export function LeaveGuard() {
  const save = useDocument((state) => state.save);
  const unsaved = holdsUnsaved(save);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
  const stuck = save.type === "offline" || save.type === "refused" || save.type === "stale";
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => stuck && currentLocation.pathname !== nextLocation.pathname,
  );
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => !open && blocker.reset()}
      title="Leave with edits that are not saved?"
      description="They are kept in this browser and come back when you open this workflow here again."
      footer={
        <>
          <Button onClick={() => blocker.reset()}>Stay</Button>
          <Button tone="danger" onClick={() => blocker.proceed()}>
            Leave
          </Button>
        </>
      }
    />
  );
}
