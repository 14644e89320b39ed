import { expect, it } from "vitest";
import { isWrittenInLines, MOST_BYTES, readSecretFile } from "./secretFiles";

it.each([
  ["tls.crt", "", true],
  [".dockerconfigjson", "", true],
  ["ssh-privatekey", "", true],
  ["app-config.yaml", "", true],
  ["PASSWORD", "", false],
  ["key", "", false],
  ["api-key", "", false],
  ["PASSWORD", "one\ntwo", true],
])("%s with %j is written in lines: %s", (key, value, lines) => {
  expect(isWrittenInLines(key, value)).toBe(lines);
});

it("a file is taken byte for byte, or not at all", async () => {
  expect(await readSecretFile(new Blob(["\ufeffa\r\nb"]))).toBe("\ufeffa\r\nb");
  expect(await readSecretFile(new Blob([new Uint8Array([0xff, 0xfe, 0x00])]))).toBeNull();
  expect(await readSecretFile(new Blob(["x".repeat(MOST_BYTES + 1)]))).toBeNull();
});
