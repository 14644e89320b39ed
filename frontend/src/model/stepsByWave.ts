import type { Step } from "@/contract";

/** Steps that run at the same time, wave after wave; inside a wave in the order of the plan. */
export function stepsByWave(steps: readonly Step[]): [wave: number, steps: Step[]][] {
  const waves = new Map<number, Step[]>();
  for (const step of steps) {
    const wave = waves.get(step.wave);
    if (wave) wave.push(step);
    else waves.set(step.wave, [step]);
  }
  return [...waves].sort(([a], [b]) => a - b);
}
