import { DropdownMenu } from "radix-ui";
import { cx, isEnabled, Kbd, keysOf, labelOf, type Command } from "@/ui";
import type { EditorCommands } from "../commands/editorCommands";
import { useEditorCommands } from "../commands/useEditorCommands";
import { useEditor, useView } from "../state/session";
import type { ContextMenuAt } from "../state/viewStore";
import { MENU_ITEM, PointMenu } from "./PointMenu";

/** What can be done with the card, the line or the place under the pointer. */
export function ContextMenu() {
  const session = useEditor();
  const commands = useEditorCommands();
  const menu = useView((state) => state.contextMenu);
  if (!menu) return null;
  return (
    <PointMenu
      at={menu.at}
      label="Actions"
      onClose={() => {
        session.view.setState({ contextMenu: null });
        session.focus.give("canvas");
      }}
    >
      {entriesOf(menu, commands)
        .filter(isEnabled)
        .map((command) => (
          <Entry key={command.name} command={command} />
        ))}
    </PointMenu>
  );
}

function entriesOf(menu: ContextMenuAt, commands: EditorCommands): readonly Command[] {
  if (menu.nodeId !== null)
    return [
      commands.connect,
      commands.addJoined,
      commands.copy,
      commands.duplicate,
      commands.group,
      commands.ungroup,
      commands.showYaml,
      commands.remove,
    ];
  if (menu.edgeId !== null) return [commands.remove];
  return [commands.addHere, commands.addRecipe, commands.paste, commands.selectAll, commands.fit, commands.layout];
}

function Entry({ command }: { command: Command }) {
  const keys = keysOf(command)[0];
  return (
    <DropdownMenu.Item
      onSelect={() => command.perform()}
      className={cx(MENU_ITEM, command.danger && "text-bad! data-highlighted:bg-bad-soft!")}
    >
      <span className={cx("flex size-4 shrink-0", !command.danger && "text-muted")}>{command.icon}</span>
      <span className="min-w-0 flex-1 truncate">{labelOf(command)}</span>
      {keys && <Kbd keys={keys} />}
    </DropdownMenu.Item>
  );
}
