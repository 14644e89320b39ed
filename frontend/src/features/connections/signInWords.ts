/** What a git server says instead of a code, in words. Source: RFC 6749, section 4.1.2.1. */
export function refusalWords(error: string | null): string {
  switch (error) {
    case null:
    case "":
      return "The git server has sent nothing back. Sign in again from the connection.";
    case "access_denied":
      return "The account at the git server did not let this server read. Sign in again, and allow it there.";
    case "invalid_scope":
      return "The git server does not let this client ask for what reading repositories takes; add the scopes to it there.";
    case "unauthorized_client":
    case "redirect_uri_mismatch":
      return "The git server does not know this client with this address; compare client ID and redirect address there.";
    case "server_error":
    case "temporarily_unavailable":
      return "The git server has a trouble of its own. Try again later.";
    default:
      return `The git server answers “${error.slice(0, 60)}”. Compare what is entered there with the connection.`;
  }
}
