import { AddMenu } from "./AddMenu";
import { ConnectDialog } from "./ConnectDialog";
import { ContextMenu } from "./ContextMenu";
import { FindNode } from "./FindNode";
import { Refusal } from "./Refusal";
import { RelationMenu } from "./RelationMenu";

/** Everything that opens over the canvas; the view store has which. */
export function CanvasMenus() {
  return (
    <>
      <AddMenu />
      <FindNode />
      <RelationMenu />
      <ContextMenu />
      <Refusal />
      <ConnectDialog />
    </>
  );
}
