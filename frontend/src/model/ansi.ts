/* eslint-disable no-control-regex -- they are what this is about */
/** Colours of a terminal in a line of text, and nothing else of what escape sequences can do. */
export interface Span {
  readonly text: string;
  /** 0 to 15 as terminals number them, or null for the usual colour. */
  readonly colour: number | null;
  readonly bold: boolean;
}

// One pass, without backtracking: CSI sequences, OSC sequences, other escapes, and control characters.
const ESCAPE =
  /\x1b\[([0-9;:?]{0,64})([@-~])|\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)?|\x1b[ -/]?[0-~]?|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The text of a line without escape sequences and control characters. */
export const plain = (line: string): string =>
  /[\x00-\x08\x0b-\x1f\x7f]/.test(line) ? line.replace(ESCAPE, "") : line;

export function spansOf(line: string): readonly Span[] {
  if (!line.includes("\x1b")) return [{ text: plain(line), colour: null, bold: false }];
  const spans: Span[] = [];
  let colour: number | null = null;
  let bold = false;
  let at = 0;
  const push = (text: string) => {
    if (text) spans.push({ text, colour, bold });
  };
  for (const found of line.matchAll(ESCAPE)) {
    push(line.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[2] !== "m") continue;
    const codes = (found[1] ?? "").split(/[;:]/).map(Number);
    for (let index = 0; index < codes.length; index += 1) {
      const code = codes[index] ?? 0;
      if (code === 0) [colour, bold] = [null, false];
      else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) colour = null;
      else if (code >= 30 && code <= 37) colour = code - 30;
      else if (code >= 90 && code <= 97) colour = code - 82;
      else if (code === 38 || code === 48) {
        const wide = codes[index + 1] === 5 ? 2 : 4;
        if (code === 38 && wide === 2) colour = (codes[index + 2] ?? 7) % 16;
        index += wide;
      }
    }
  }
  push(line.slice(at));
  return spans;
}
