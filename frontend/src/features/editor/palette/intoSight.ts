/** The chosen row follows the arrow keys out of sight. */
export function intoSight(row: HTMLElement | null): void {
  row?.scrollIntoView({ block: "nearest" });
}
