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
    expect(problem.of("name")).toBe("The name is taken.");
    expect(problem.of("other")).toBeUndefined();
    expect(problem.besides(["name"])).toBe("tags: too many. No room left.");
    expect(problem.besides(["name", "tags"])).toBe("No room left.");
  });

  it("says nothing above a form whose fields say all, and its detail where no field is named", () => {
    expect(refused(row("name", "the name is taken")).besides(["name"])).toBeNull();
    expect(refused().besides(["name"])).toBe("Two fields are wrong.");
  });

  it.each([
    ["blank", "This field may not be blank.", "Enter a value."],
    ["required", "This field is required.", "Enter a value."],
    ["null", "This field may not be null.", "Enter a value."],
    ["max_length", "Ensure this field has no more than 200 characters.", "Use at most 200 characters."],
    ["min_value", "Ensure this value is greater than or equal to 1.", "Use 1 or more."],
    ["max_value", "Ensure this value is less than or equal to 3,650.", "Use 3,650 or less."],
    ["invalid_choice", '"x" is not a valid choice.', "Choose one of the values offered."],
    ["environment.namespace", "a namespace has 1 to 63 letters", "A namespace has 1 to 63 letters."],
  ])("says in our words what is %s", (code, detail, said) => {
    const problem = refused({ ...row("name", detail), code });
    expect(problem.of("name")).toBe(said);
    expect(problem.besides([])?.toLowerCase()).toBe(`name: ${said}`.toLowerCase());
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
