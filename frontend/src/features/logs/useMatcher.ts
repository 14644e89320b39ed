import { useEffect, useMemo, useState } from "react";
import { plain } from "@/model/ansi";

export type Matcher = (text: string) => boolean;

/** What a search asks for. Expressions are RE2's, whose time is linear in the text whatever the expression is. */
export function useMatcher(asked: string, isExpression: boolean): { matches: Matcher | null; error: string } {
  const [compiled, setCompiled] = useState<{ asked: string; matches: Matcher | null; error: string } | null>(null);
  useEffect(() => {
    if (!isExpression || !asked) return;
    let isWanted = true;
    void import("re2js").then(({ RE2JS }) => {
      if (!isWanted) return;
      try {
        const expression = RE2JS.compile(asked, RE2JS.CASE_INSENSITIVE);
        setCompiled({ asked, matches: (text) => expression.matcher(plain(text)).find(), error: "" });
      } catch (error) {
        setCompiled({ asked, matches: null, error: error instanceof Error ? error.message : "it cannot be read" });
      }
    });
    return () => {
      isWanted = false;
    };
  }, [asked, isExpression]);
  const literal = useMemo<Matcher>(() => {
    const wanted = asked.toLowerCase();
    return (text) => plain(text).toLowerCase().includes(wanted);
  }, [asked]);
  if (!asked) return { matches: null, error: "" };
  if (!isExpression) return { matches: literal, error: "" };
  return compiled?.asked === asked ? compiled : { matches: null, error: "" };
}
