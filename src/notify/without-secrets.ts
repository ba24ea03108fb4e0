// A mirror that wants a password has it in sources.list ("https://reader:secret@archive.example/debian"), and tools
// repeat addresses in their complaints.
const userInAddress = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>]{1,500}@/gi;

// `oauth_token=…`, `"access_secret": "…"`, `Authorization: Basic …`, `password = …`: the name stays, the value goes.
const namedSecret =
  /\b((?:[a-z0-9-]+[_-])?(?:password|passwd|passphrase|secret|token|signature|api[_-]?key)["']?\s{0,3}[=:]\s{0,3})("[^"\n]*"|'[^'\n]*'|[^\s,;&"']+)/gi;
const authorization = /\b((?:proxy-)?authorization["']?\s{0,3}[=:]\s{0,3})[^\n]+/gi;

/**
 * A text for people, with what looks like a secret left out. Nothing that we write ourselves has one; this is for the
 * words of other programs that are passed on.
 */
export function withoutSecrets(text: string): string {
  return text.replace(userInAddress, "$1…@").replace(authorization, "$1…").replace(namedSecret, "$1…");
}
