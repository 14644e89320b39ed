import type { ApiToken, TokenScope } from "@/contract";

export const SCOPES: readonly { value: TokenScope; label: string; hint: string }[] = [
  { value: "read", label: "Read", hint: "Look and follow; changes nothing" },
  { value: "run", label: "Run", hint: "Also start, cancel and retry runs" },
  { value: "full", label: "Full", hint: "All that you may do" },
];

/** A sign-in over the API makes a token of its own, which the server calls "login". */
export const nameOf = ({ name }: Pick<ApiToken, "name">): string => (name === "login" ? "Sign-in over the API" : name);
