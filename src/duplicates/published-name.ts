// What Python's str.split() takes for a blank. JavaScript's \s lacks the separators of ASCII and U+0085.
const blanks = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

// What Python's str.splitlines() takes for the end of a line, and with it any client that reads lines so.
const lineBreaks = /[\n-\r\u001c-\u001e\u0085\u2028\u2029]/;

const maxNameLength = 200;

/**
 * Tells the file in which a client looks a signature up: its first word, the first two `:` fields of that joined by
 * `_`, `/` as `_`, percent-encoded as a form value, cut at 200 characters. Different signatures may share a file.
 *
 * Null for what is not published: a signature with a line break would look like two entries (and could forge
 * one), and a name of only dots would be a folder.
 *
 * Remembers the last name: signatures come in order, so that mostly the next one has the same.
 */
export function publishedNames(): (signature: string) => string | null {
  let part: string | null = null;
  let name: string | null = null;
  return (signature) => {
    const itsPart = namedPart(signature);
    if (itsPart !== part) [part, name] = [itsPart, nameOf(itsPart)];
    return lineBreaks.test(signature) ? null : name;
  };
}

// A colon is no blank, so the first word's second field ends at the signature's second colon, or before.
function namedPart(signature: string): string {
  const second = signature.indexOf(":", signature.indexOf(":") + 1);
  return second < 0 ? signature : signature.slice(0, second);
}

function nameOf(signature: string): string | null {
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
