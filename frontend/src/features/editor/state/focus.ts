/**
 * Gives the keyboard focus to a part of the editor by name. Parts register while they are mounted, so that no code
 * has to search the page for them.
 */
export type FocusTarget = "canvas" | "toolbar" | "inspector" | "palette" | `node:${string}` | `field:${string}`;

export interface Focus {
  /** `element`, or the first control in it, takes the focus of `target`. The returned function removes it again. */
  readonly register: (target: FocusTarget, element: HTMLElement) => () => void;
  /** The target is on the page. */
  readonly has: (target: FocusTarget) => boolean;
  /** `inside` is the target's element or in it. */
  readonly contains: (target: FocusTarget, inside: EventTarget | null) => boolean;
  /** Where the target ends on the screen; 0 while it is not on the page. */
  readonly bottomOf: (target: FocusTarget) => number;
  /** False when the target is not on the page. */
  readonly give: (target: FocusTarget) => boolean;
  /** To the field at a dotted path in the record (`parameters.ports.0.port`), or the nearest one around it. */
  readonly giveField: (path: string) => boolean;
}

const CONTROL = "input, textarea, select, button, [role=combobox], [tabindex]";

export function createFocus(): Focus {
  const elements = new Map<FocusTarget, HTMLElement>();
  const controlOf = (target: FocusTarget): HTMLElement | null => {
    const element = elements.get(target);
    if (!element) return null;
    return element.matches(CONTROL) ? element : element.querySelector<HTMLElement>(CONTROL);
  };
  return {
    register: (target, element) => {
      elements.set(target, element);
      return () => {
        // The next element of the same name may have registered before this one was removed.
        if (elements.get(target) === element) elements.delete(target);
      };
    },
    has: (target) => elements.has(target),
    contains: (target, inside) => inside instanceof Node && (elements.get(target)?.contains(inside) ?? false),
    bottomOf: (target) => elements.get(target)?.getBoundingClientRect().bottom ?? 0,
    give: (target) => {
      const control = controlOf(target);
      control?.focus({ preventScroll: target === "canvas" });
      return control !== null;
    },
    giveField: (path) => {
      const steps = path.split(".");
      for (let length = steps.length; length > 0; length -= 1) {
        const target: FocusTarget = `field:${steps.slice(0, length).join(".")}`;
        const control = controlOf(target);
        if (!control) continue;
        elements.get(target)?.scrollIntoView({ block: "center" });
        control.focus();
        return true;
      }
      return false;
    },
  };
}
