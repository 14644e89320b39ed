import { Link } from "react-router";
import { Field, Select } from "@/ui";
import { useForm } from "../form/context";
import { StringControl, type ControlProps } from "../form/controls";
import { textOf } from "../form/values";
import { useSourceNames } from "./useImages";

/** The name of one of the team's sources: chosen, or written where there are none or it is a variable. */
export function SourceControl(props: ControlProps) {
  const { parameter, value, frame, write } = props;
  const { readOnly } = useForm();
  const names = useSourceNames();
  const given = textOf(value);
  const more = (
    <Link to="/builds/sources?new=1" className="self-start rounded-sm text-12 text-accent-text hover:underline">
      New source
    </Link>
  );
  if (!names || names.length === 0 || given.includes("${"))
    return (
      <>
        <StringControl {...props} />
        {!readOnly && more}
      </>
    );
  const known = given === "" || names.includes(given) ? names : [given, ...names];
  return (
    <Field {...frame} aside={readOnly ? undefined : more}>
      <Select
        value={given}
        disabled={readOnly}
        placeholder={`Choose a ${parameter.label.toLowerCase()}`}
        options={known.map((name) => ({
          value: name,
          label: <span className="font-mono">{name}</span>,
          hint: names.includes(name) ? undefined : "not in the team",
        }))}
        onChange={write}
      />
    </Field>
  );
}
