/** A line through points of time, as the path of a drawing of `width` × `height`. */
export interface SparkPoint {
  readonly at: string;
  readonly value: number;
}

/** Gaps longer than twice the step stay open: nobody looked then. */
export function sparkPath(points: readonly SparkPoint[], stepS: number, width: number, height: number): string {
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return "";
  const most = Math.max(...points.map(({ value }) => value)) || 1;
  const x = (time: number) => round(((time - first) / Math.max(1, last - first)) * width);
  const y = (value: number) => round(height - (value / most) * height);
  let path = "";
  points.forEach(({ value }, index) => {
    const time = times[index] as number;
    const before = times[index - 1];
    const isGap = before === undefined || time - before > 2_000 * stepS;
    path += `${isGap ? "M" : "L"}${x(time)} ${y(value)}`;
  });
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;
