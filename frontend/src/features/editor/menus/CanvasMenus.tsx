import { ConnectDialog } from "./ConnectDialog";
import { ContextMenu } from "./ContextMenu";
import { Refusal } from "./Refusal";
import { RelationMenu } from "./RelationMenu";

/** What opens over the canvas, each when the view says so. */
export function CanvasMenus() {
  return (
    <>
      <RelationMenu />
      <ContextMenu />
      <Refusal />
      <ConnectDialog />
    </>
  );
}
