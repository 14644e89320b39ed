/** More than that is not kept: the list is read again. */
const TOLD_MOST = 2_000;

/**
 * What was told of rows, to be applied again to whatever a later fetch brings: a further page is as old as the first
 * one's snapshot. Once the whole list was read anew, only what was told since that began is kept.
 */
export class ToldChanges<Row extends { uid: string }> {
  private earlier = new Map<string, Row | null>();
  private since = new Map<string, Row | null>();

  /** Whether all of it could be kept; if not, the list must be read again. */
  tell(rows: readonly Row[], gone: readonly string[]): boolean {
    for (const uid of gone) this.since.set(uid, null);
    for (const row of rows) this.since.set(row.uid, row);
    if (this.earlier.size + this.since.size <= TOLD_MOST) return true;
    this.forget();
    return false;
  }

  /** The whole list is being read. */
  wholeBegins(): void {
    for (const [uid, row] of this.since) this.earlier.set(uid, row);
    this.since = new Map();
  }

  wholeArrived(): void {
    this.earlier = new Map();
  }

  forget(): void {
    this.earlier = new Map();
    this.since = new Map();
  }

  /** Arguments of `withChanges`. */
  all(): { rows: Row[]; gone: string[] } {
    const rows: Row[] = [];
    const gone: string[] = [];
    for (const [uid, row] of new Map([...this.earlier, ...this.since])) {
      if (row) rows.push(row);
      else gone.push(uid);
    }
    return { rows, gone };
  }
}
