import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { create } from "zustand";
import { endsWith, ownsKeys } from "./keys";
import type { MenuItem } from "./Menu";

/** One thing a person can do. Its keys, the menus, the palette and the list of shortcuts all read this row. */
export interface Command {
  /** Unique and stable: "canvas.fit". The palette remembers recently used commands by it. */
  name: string;
  /** A function where it depends on what is selected: "Delete 3 nodes". */
  label: string | (() => string);
  /** Its heading in the palette and in the list of shortcuts: "Canvas". */
  group: string;
  icon?: ReactNode;
  /** More words to find it by. */
  keywords?: string;
  /** "mod+k", "g w", "?"; any of several works, the first is shown. */
  keys?: string | readonly string[];
  /** The keys also count in fields and dialogs. */
  whileTyping?: boolean;
  /** The browser has an event of its own for these keys (copy, paste): they are shown, not listened to. */
  native?: boolean;
  /** Not in the palette: it only makes sense by key or pointer. */
  hidden?: boolean;
  /** In the palette only once something is typed: one of very many. */
  onSearch?: boolean;
  danger?: boolean;
  /** Called when keys are pressed and when a menu or the palette opens. Without it: always enabled. */
  enabled?: () => boolean;
  /** `event` is given when a shortcut was pressed. */
  perform: (event?: KeyboardEvent) => void;
}

/** The commands of one component, and which key events they count for. */
interface Offer {
  readonly commands: readonly Command[];
  readonly accepts: (event: KeyboardEvent) => boolean;
}

const useOffers = create<{ offers: readonly Offer[] }>(() => ({ offers: [] }));
const always = () => true;

/**
 * Offers commands while the component is mounted. Memoize `commands`, or they are offered again at each render.
 * `accepts` narrows down where their keys count (stable, too): "only while the focus is on the canvas".
 */
export function useCommands(commands: readonly Command[], accepts: (event: KeyboardEvent) => boolean = always): void {
  useEffect(() => {
    const offer: Offer = { commands, accepts };
    useOffers.setState(({ offers }) => ({ offers: [offer, ...offers] }));
    return () => useOffers.setState(({ offers }) => ({ offers: offers.filter((each) => each !== offer) }));
  }, [commands, accepts]);
}

/** The commands of the page, then those of `everywhere` that the page does not offer itself. */
export function useAllCommands(everywhere: readonly Command[]): readonly Command[] {
  const offers = useOffers((state) => state.offers);
  return useMemo(() => {
    const byName = new Map<string, Command>();
    for (const command of [...offers.flatMap((offer) => offer.commands), ...everywhere])
      if (!byName.has(command.name)) byName.set(command.name, command);
    return [...byName.values()];
  }, [offers, everywhere]);
}

/** The second key of a sequence must follow within this time. */
const SEQUENCE_MS = 1200;
const MODIFIERS: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph"]);

/** Listens for the keys of all commands: the latest offers first, then `everywhere`. Use it once in the page. */
export function useCommandKeys(everywhere: readonly Command[]): void {
  const latest = useRef(everywhere);
  useEffect(() => {
    latest.current = everywhere;
  });
  useEffect(() => {
    let pressed: KeyboardEvent[] = [];
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || MODIFIERS.has(event.key)) return;
      pressed = [...pressed.filter((before) => event.timeStamp - before.timeStamp < SEQUENCE_MS), event].slice(-2);
      const offers = [...useOffers.getState().offers, { commands: latest.current, accepts: always }];
      const command = commandFor(pressed, offers, ownsKeys(event.target));
      if (!command) return;
      pressed = [];
      event.preventDefault();
      command.perform(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** The command for the last keys: "g c" rather than "c", and of two the one offered later. */
export function commandFor(
  pressed: readonly KeyboardEvent[],
  offers: readonly Offer[],
  typing: boolean,
): Command | undefined {
  const last = pressed.at(-1);
  if (!last) return undefined;
  let found: Command | undefined;
  let steps = 0;
  for (const { commands, accepts } of offers) {
    for (const command of commands) {
      if (command.native || (typing && !command.whileTyping)) continue;
      for (const keys of keysOf(command)) {
        const length = keys.split(" ").length;
        if (length <= steps || !endsWith(pressed, keys) || !accepts(last) || !isEnabled(command)) continue;
        found = command;
        steps = length;
      }
    }
  }
  return found;
}

export const keysOf = ({ keys }: Command): readonly string[] =>
  keys === undefined ? [] : typeof keys === "string" ? [keys] : keys;
export const labelOf = ({ label }: Command): string => (typeof label === "string" ? label : label());
export const isEnabled = ({ enabled }: Command): boolean => enabled?.() ?? true;

/** The command as a menu item; disabled where it cannot be performed now. */
export function menuItem(command: Command): MenuItem {
  return {
    label: labelOf(command),
    icon: command.icon,
    shortcut: keysOf(command)[0],
    danger: command.danger,
    disabled: !isEnabled(command),
    onSelect: () => command.perform(),
  };
}
