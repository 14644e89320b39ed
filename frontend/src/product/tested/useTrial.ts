import { useState } from "react";

interface Test<Given, Report> {
  readonly data: Report | undefined;
  readonly isPending: boolean;
  readonly mutateAsync: (given: Given) => Promise<Report>;
}

/** A trial of what was typed: its report counts until something else is typed. */
export function useTrial<Given, Report extends { ok: boolean }>(test: Test<Given, Report>, typed: unknown) {
  const [asTested, setAsTested] = useState("");
  const now = JSON.stringify(typed);
  return {
    report: asTested === now ? test.data : undefined,
    /** Whether it works. */
    run: async (given: Given): Promise<boolean> => {
      setAsTested(now);
      const report = await test.mutateAsync(given).catch(() => null);
      return report?.ok ?? false;
    },
  };
}
