import { Spline } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { sentence } from "@/model/words";
import { drawConnection } from "../actions/editing";
import { useEditor, useView } from "../state/session";
import { MENU_ITEM, PointMenu } from "./PointMenu";

/** Asks which relation a new edge gets, where several fit between its two nodes. */
export function RelationMenu() {
  const session = useEditor();
  const menu = useView((state) => state.relationMenu);
  if (!menu) return null;
  return (
    <PointMenu at={menu.at} label="Which relation" onClose={() => session.view.setState({ relationMenu: null })}>
      <DropdownMenu.Label className="max-w-80 px-2 py-1 text-12 text-muted">
        {menu.why === null ? "Which relation" : `${sentence(menu.why)} Only an order can be set:`}
      </DropdownMenu.Label>
      {menu.connections.map((connection) => (
        <DropdownMenu.Item
          key={connection.relation.id}
          onSelect={() => drawConnection(session, connection)}
          className={MENU_ITEM}
        >
          <Spline size={16} className="shrink-0 text-muted" aria-hidden />
          <span className="min-w-0 flex-1">
            <span className="block">{connection.relation.label}</span>
            <span className="block text-12 text-muted">{connection.relation.effect}</span>
          </span>
        </DropdownMenu.Item>
      ))}
    </PointMenu>
  );
}
