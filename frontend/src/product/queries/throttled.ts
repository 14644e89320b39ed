/** Calls `act` at once, then at most once in `ms`; calls in between become one call at the end. */
export function throttled(act: () => void, ms: number): () => void {
  let resting = false;
  let asked = false;
  const call = (): void => {
    if (resting) {
      asked = true;
      return;
    }
    resting = true;
    act();
    setTimeout(() => {
      resting = false;
      if (!asked) return;
      asked = false;
      call();
    }, ms);
  };
  return call;
}
