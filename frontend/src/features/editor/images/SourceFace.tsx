import { shortCommit } from "@/model/images";
import { CardFace, type CardFaceProps } from "../canvas/CardFace";
import { BuildLight } from "./BuildLight";
import { useSourceImage } from "./useImages";

/** The card of a source: the build that a run would take, and the light of its last build. */
export function SourceFace({ id, ...props }: CardFaceProps & { id: string }) {
  const found = useSourceImage(id);
  const built = found?.image;
  const line = built ? `${built.source} #${built.number} · ${shortCommit(built.commit)}` : props.line;
  const light = found && { light: (size: number) => <BuildLight image={found} size={size} /> };
  return <CardFace {...props} line={line} {...light} />;
}
