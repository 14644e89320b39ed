export * from "./accounts";
export * from "./catalog";
export { api, csrfToken, newKey, onSignedOut, request, requestText, urlOf } from "./client";
export * from "./clusters";
export { ApiProblem, asProblem, cureFor, explain, sentence, type ApiError } from "./problem";
export { queryClient } from "./queryClient";
export * from "./runs";
export * from "./types";
export * from "./workflows";
