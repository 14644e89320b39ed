import { Field, Input } from "@/ui";
import { useForm } from "../form/context";
import type { ControlProps } from "../form/controls";
import { placeholderOf, textOf } from "../form/values";
import { ImagePicker } from "./ImagePicker";

/** The name of an image: typed, or chosen from what registries have. */
export function ImageControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly, seal } = useForm();
  const image = textOf(value);
  return (
    <Field {...frame}>
      <div className="flex items-start gap-2">
        <Input
          mono
          className="flex-1"
          value={image}
          title={image}
          placeholder={placeholderOf(parameter)}
          readOnly={readOnly}
          onChange={(event) => write(event.target.value || undefined)}
          onBlur={seal}
        />
        {!readOnly && (
          <ImagePicker
            image={image}
            onPick={(next) => {
              write(next);
              seal();
            }}
          />
        )}
      </div>
    </Field>
  );
}
