// @vitest-environment jsdom
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { Segmented } from "./Segmented";

function States() {
  const [state, setState] = useState("");
  const options = [
    { value: "", label: "All" },
    { value: "failed", label: "Failed" },
  ];
  return <Segmented label="State" value={state} onChange={setState} options={options} />;
}
const taken = () => screen.getAllByRole("radio").map((radio) => radio.getAttribute("aria-checked"));

it("takes one of its choices by click and by arrow key, also the empty one", async () => {
  const person = userEvent.setup();
  render(<States />);
  expect(taken()).toEqual(["true", "false"]);
  await person.click(screen.getByRole("radio", { name: "Failed" }));
  expect(taken()).toEqual(["false", "true"]);
  await person.keyboard("{ArrowLeft>}"); // held, as by a hand: the focus moves a moment later
  await waitFor(() => expect(taken()).toEqual(["true", "false"]));
});
