// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TooltipProvider } from "@/ui";
import { KubeconfigFields, useKubeconfig } from "./KubeconfigFields";

// The editor needs a browser that lays out; what is typed into it is not what is tested.
vi.mock("@/ui", async (original) => ({ ...(await original<object>()), YamlEditor: () => null }));
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
);

const unchecked = (skips: string) => `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://k.example", ${skips}}}]
users: [{name: u, user: {token: t}}]
`;

function Given({ text, onGiven }: { text: string; onGiven: (given: unknown) => void }) {
  const [draft, change] = useKubeconfig();
  onGiven(draft.credentials);
  return (
    <TooltipProvider>
      <button onClick={() => change({ text })}>give</button>
      <KubeconfigFields draft={draft} onChange={change} required />
    </TooltipProvider>
  );
}

async function given(text: string) {
  const onGiven = vi.fn();
  render(<Given text={text} onGiven={onGiven} />);
  await userEvent.click(screen.getByRole("button", { name: "give" }));
  return onGiven;
}

const BOX = "Accept it without checking the certificate of the cluster";

it("a cluster whose certificate is not checked is accepted only once the person ticks that", async () => {
  const text = unchecked("insecure-skip-tls-verify: true");
  const onGiven = await given(text);
  const box = screen.getByRole("checkbox", { name: new RegExp(BOX) });
  expect(onGiven).toHaveBeenLastCalledWith({ kubeconfig: text });
  await userEvent.click(box);
  expect(onGiven).toHaveBeenLastCalledWith({ kubeconfig: text, insecure: true });
  await userEvent.click(box);
  expect(onGiven).toHaveBeenLastCalledWith({ kubeconfig: text });
});

it("nobody is asked where the certificate is checked", async () => {
  await given(unchecked("insecure-skip-tls-verify: false"));
  expect(screen.queryByRole("checkbox")).toBeNull();
});
