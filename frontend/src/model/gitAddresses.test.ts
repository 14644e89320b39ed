import { describe, expect, it } from "vitest";
import { connectionFor, repositoryName } from "./gitAddresses";

const GITEA = { id: "gitea", address: "https://git.corp:3000/gitea" };
const HUB = { id: "hub", address: "https://github.com" };

describe("which connection is for an address", () => {
  it("is the only one there is, until an address is typed", () => {
    expect(connectionFor("", [HUB])).toBe("hub");
    expect(connectionFor("", [HUB, GITEA])).toBe("");
  });
  it("is that of the server, and of the path where it has one", () => {
    expect(connectionFor("https://github.com/a/b.git", [HUB, GITEA])).toBe("hub");
    expect(connectionFor("git@github.com:a/b.git", [HUB, GITEA])).toBe("hub");
    expect(connectionFor("https://git.corp:3000/gitea/a/b", [HUB, GITEA])).toBe("gitea");
    expect(connectionFor("https://git.corp:3000/other/a", [HUB, GITEA])).toBe("");
    expect(connectionFor("https://github.company/a", [HUB])).toBe("");
  });
  it("is none where two are", () => {
    expect(connectionFor("https://github.com/a/b", [HUB, { ...HUB, id: "second" }])).toBe("");
  });
});

describe("what a repository is called", () => {
  it("is the last part of its address", () => {
    expect(repositoryName("https://git.example.com/team/shop.git")).toBe("shop");
    expect(repositoryName("git@host:shop.git")).toBe("shop");
    expect(repositoryName(" https://host/team/shop/ ")).toBe("shop");
    expect(repositoryName("")).toBe("");
  });
});
