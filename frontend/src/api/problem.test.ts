import { describe, expect, it } from "vitest";
import { ApiProblem, asProblem, type ApiError } from "./problem";

const row = (field: string | null, detail: string): ApiError => ({
  code: "invalid",
  detail,
  field,
  node_ids: [],
  edge_ids: [],
});
const refused = (...errors: ApiError[]) =>
  new ApiProblem(
    { status: 400, code: "invalid", detail: "two fields are wrong", errors, current: { rev: 3 } },
    "req-1",
  );

describe("a problem of the API", () => {
  it("gives each field its sentence, and the rest to the form", () => {
    const problem = refused(row("name", "the name is taken"), row("tags", "too many"), row(null, "no room left"));
    expect(problem.of("name")).toBe("the name is taken");
    expect(problem.of("other")).toBeUndefined();
    expect(problem.besides(["name"])).toBe("Tags: too many. No room left.");
    expect(problem.besides(["name", "tags"])).toBe("No room left.");
  });

  it("says nothing above a form whose fields say all, and its detail where no field is named", () => {
    expect(refused(row("name", "the name is taken")).besides(["name"])).toBeNull();
    expect(refused().besides(["name"])).toBe("Two fields are wrong.");
  });

  it("keeps the members of the answer that only its code knows", () => {
    expect(refused().extra).toMatchObject({ current: { rev: 3 } });
  });

  it("is described with its code, its rows and the request's id", () => {
    expect(refused(row("name", "taken")).describe()).toBe(
      ["400 invalid", "two fields are wrong", "name: taken (invalid)", "request req-1"].join("\n"),
    );
  });
});

describe("any error as a problem", () => {
  it("is itself, or one of the page's own", () => {
    const problem = refused();
    expect(asProblem(problem)).toBe(problem);
    expect(asProblem(new TypeError("x is undefined"))).toMatchObject({
      status: 0,
      code: "client.unexpected",
      detail: "x is undefined",
    });
    expect(asProblem("gone").detail).toBe("gone");
  });
});
