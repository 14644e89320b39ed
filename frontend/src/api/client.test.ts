// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { api, csrfToken, everyPage, onSignedOut, urlOf } from "./client";
import { ApiProblem } from "./problem";

const answers: (Response | Error)[] = [];
const seen: { url: string; init: RequestInit }[] = [];
vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
  seen.push({ url, init });
  const answer = answers.shift();
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
});
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

afterEach(() => {
  answers.length = 0;
  seen.length = 0;
  onSignedOut(() => undefined);
});

describe("requests", () => {
  it("turn a problem document into an error that knows fields, code and request id", async () => {
    const body = {
      status: 400,
      code: "invalid",
      detail: "2 values are not accepted",
      errors: [{ code: "required", detail: "give a name", field: "name" }],
      current: { rev: 3 },
    };
    answers.push(json(400, body, { "X-Request-ID": "abc" }));
    const problem = await api.post("workflows", {}).catch((error: unknown) => error as ApiProblem);
    expect(problem).toBeInstanceOf(ApiProblem);
    const known = problem as ApiProblem;
    expect(known.of("name")).toBe("Give a name.");
    expect(known.of("tags")).toBeUndefined();
    expect(known.besides(["name"])).toBeNull();
    expect(known.besides([])).toBe("name: give a name.");
    expect(known.requestId).toBe("abc");
    expect(known.extra.current).toEqual({ rev: 3 });
  });

  it("send the CSRF token of the cookie with writes and not with reads", async () => {
    document.cookie = "kubeorch_csrf=token-1";
    answers.push(json(200, {}), json(200, {}));
    await api.get("clusters");
    await api.post("clusters", {});
    const header = (index: number) => (seen[index]?.init.headers as Record<string, string>)["X-CSRFToken"];
    expect([header(0), header(1)]).toEqual([undefined, "token-1"]);
  });

  it("try a GET again when the network fails, and never a POST", async () => {
    answers.push(new TypeError("Failed to fetch"), json(200, { results: [] }));
    await expect(api.get("clusters")).resolves.toEqual({ results: [] });
    answers.push(new TypeError("Failed to fetch"));
    await expect(api.post("clusters", {})).rejects.toMatchObject({ status: 0, code: "network.unreachable" });
    expect(seen).toHaveLength(3);
  });

  it("tell when the session has ended, except while signing in", async () => {
    const listener = vi.fn();
    onSignedOut(listener);
    const refused = () => json(401, { status: 401, code: "auth.required", detail: "sign in" });
    answers.push(refused(), refused());
    await api.get("auth/session").catch(() => undefined);
    expect(listener).not.toHaveBeenCalled();
    await api.get("clusters").catch(() => undefined);
    expect(listener).toHaveBeenCalledOnce();
  });

  it("say to a person whose session had ended what to do, not how scripts sign in", async () => {
    answers.push(json(401, { status: 401, code: "auth.required", detail: "send a bearer token" }));
    await expect(api.post("workflows")).rejects.toMatchObject({
      status: 401,
      detail: "your session had ended; try again",
    });
  });

  it("read a list to its end, page after page", async () => {
    answers.push(json(200, { results: [1, 2], next: "c1" }), json(200, { results: [3], next: null }));
    expect(await everyPage("clusters")).toEqual({ results: [1, 2, 3], next: null });
    expect(seen.map(({ url }) => url)).toEqual(["/api/v1/clusters?limit=100", "/api/v1/clusters?limit=100&cursor=c1"]);
  });

  it("stop reading a list that does not end, and say that there is more", async () => {
    for (let page = 0; page < 20; page += 1) answers.push(json(200, { results: [page], next: `c${page}` }));
    expect(await everyPage("people")).toMatchObject({ results: { length: 20 }, next: "c19" });
  });

  it("keep a proxy's answer that is not a problem document readable", async () => {
    answers.push(new Response("<html>", { status: 418, statusText: "I'm a teapot" }));
    await expect(api.post("runs", {})).rejects.toMatchObject({ status: 418, code: "http.unexpected" });
  });
});

describe("addresses and cookies", () => {
  it("leave out what is not given and escape what is", () => {
    expect(urlOf("workflows", { search: "a b&c", state: undefined, tag: "" })).toBe("/api/v1/workflows?search=a+b%26c");
  });
  it("find the token under either name", () => {
    expect(csrfToken("a=1; __Host-csrf=x=y")).toBe("x=y");
    expect(csrfToken("a=1")).toBeNull();
  });
});
