export * from "./accounts";
export * from "./catalog";
export { onSignedOut } from "./client";
export * from "./clusters";
export * from "./graphs";
export * from "./licences";
export { ApiProblem, asProblem, type ApiError } from "./problem";
export * from "./runs";
export * from "./workflows";
