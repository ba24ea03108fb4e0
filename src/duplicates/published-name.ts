// What Python's str.split() takes for a blank. JavaScript's \s lacks the separators of ASCII and U+0085.
const blanks = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

// What Python's str.splitlines() takes for the end of a line, and with it any client that reads lines so.
const lineBreaks = /[\n-\r\u001c-\u001e\u0085\u2028\u2029]/;

const maxNameLength = 200;

/**
 * The file in which a client looks a signature up: its first word, the first two `:` fields of that joined by `_`, `/`
 * as `_`, percent-encoded as a form value, cut at 200 characters. Different signatures may share a file.
 *
 * Null for what is not published: a signature with a line break would look like two entries (and could forge
 * one), and a name of only dots would be a folder.
 */
export function publishedName(signature: string): string | null {
  if (lineBreaks.test(signature)) return null;
  const word = signature.split(blanks).find((part) => part !== "");
  if (word === undefined) return null;
  const name = formEncode(word.split(":", 2).join("_").replaceAll("/", "_")).slice(0, maxNameLength);
  return /^\.{0,2}$/.test(name) ? null : name;
}

// As Python's quote_plus: letters, digits and `_.-~` stay. encodeURIComponent leaves five more as they are.
function formEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
