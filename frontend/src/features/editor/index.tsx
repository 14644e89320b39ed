export { default } from "./EditorPage";
