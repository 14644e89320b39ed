/** As the `ref` of what appears below the fold, such as the answer to a button: it is scrolled to once it is there. */
export function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}
