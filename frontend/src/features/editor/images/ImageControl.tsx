import { Field, Input } from "@/ui";
import { useForm } from "../form/context";
import type { ControlProps } from "../form/controls";
import { placeholderOf, textOf } from "../form/values";
import { ImagePicker } from "./ImagePicker";

/** The name of an image: typed, or chosen from what registries have. */
export function ImageControl({ parameter, value, frame, compact, write }: ControlProps) {
  const { readOnly, seal } = useForm();
  const image = textOf(value);
  return (
    <div className="flex items-start gap-2">
      <Field {...frame} className="flex-1">
        <Input
          mono
          value={image}
          title={image}
          placeholder={placeholderOf(parameter)}
          readOnly={readOnly}
          onChange={(event) => write(event.target.value || undefined)}
          onBlur={seal}
        />
      </Field>
      {!readOnly && (
        <div className={compact ? "pt-5" : "pt-5.5"}>
          <ImagePicker
            image={image}
            onPick={(next) => {
              write(next);
              seal();
            }}
          />
        </div>
      )}
    </div>
  );
}
