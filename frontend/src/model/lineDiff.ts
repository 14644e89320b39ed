/** Two texts line by line, as a diff shows them. */

export interface DiffLine {
  readonly type: "same" | "removed" | "added";
  readonly text: string;
}
/** `fold`: so many equal lines are not shown. */
export type ShownLine = DiffLine | { readonly type: "fold"; readonly count: number };

/** Beyond this the lines in between are shown as removed and added as a whole: comparing all pairs would take too long. */
const MOST_PAIRS = 1_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (text: string): DiffLine => ({ type: "same", text });
  return [
    ...a.slice(0, start).map(same),
    ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ type: "removed", text });
  const added = (text: string): DiffLine => ({ type: "added", text });
  if (a.length * b.length > MOST_PAIRS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ type: "same", text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(left));
      i += 1;
    } else if (right !== undefined) {
      lines.push(added(right));
      j += 1;
    }
  }
  return lines;
}

/** Equal lines further than `around` from a change become one fold. */
export function foldLines(lines: readonly DiffLine[], around = 3): ShownLine[] {
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.type === "same") return;
    for (let step = -around; step <= around; step += 1) near.add(index + step);
  });
  const shown: ShownLine[] = [];
  let folded = 0;
  const fold = (): void => {
    if (folded > 0) shown.push({ type: "fold", count: folded });
    folded = 0;
  };
  lines.forEach((line, index) => {
    if (near.has(index)) {
      fold();
      shown.push(line);
    } else folded += 1;
  });
  fold();
  return shown;
}

export interface LinePair {
  readonly left: DiffLine | null;
  readonly right: DiffLine | null;
}
export type ShownPair = LinePair | { readonly type: "fold"; readonly count: number };

/** Side by side: removed lines stand beside the added ones that follow them. */
export function pairLines(lines: readonly ShownLine[]): ShownPair[] {
  const pairs: ShownPair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      pairs.push({ left: removed[index] ?? null, right: added[index] ?? null });
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.type === "removed") removed.push(line);
    else if (line.type === "added") added.push(line);
    else {
      flush();
      pairs.push(line.type === "fold" ? line : { left: line, right: line });
    }
  }
  flush();
  return pairs;
}
