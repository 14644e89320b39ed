import { onlineManager } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import { queryClient } from "./queryClient";

afterEach(() => onlineManager.setOnline(true));

test("a browser that believes to be offline still asks the server, which may be on the same machine", async () => {
  onlineManager.setOnline(false);
  const asked = queryClient.fetchQuery({ queryKey: ["here"], queryFn: () => Promise.resolve("an answer") });
  const never = new Promise((resolve) => setTimeout(resolve, 1000, "paused"));
  expect(await Promise.race([asked, never])).toBe("an answer");
});
