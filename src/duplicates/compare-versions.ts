/**
 * Compares two package versions in Debian's order (deb-version(7), "Sorting algorithm"): negative when `left` is
 * older, 0 when they are equal (`1.0` and `0:1.0-0` are), positive when it is newer. Any text has its place;
 * what is no number before a colon is taken as part of the version.
 */
export function compareVersions(left: string, right: string): number {
  const [leftParts, rightParts] = [split(left), split(right)];
  return (
    compareDigits(leftParts.epoch, rightParts.epoch) ||
    comparePart(leftParts.upstream, rightParts.upstream) ||
    comparePart(leftParts.revision, rightParts.revision)
  );
}

type Parts = { readonly epoch: string; readonly upstream: string; readonly revision: string };

function split(version: string): Parts {
  const text = version.trim();
  const epoch = /^(\d+):/.exec(text)?.[1];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const dash = rest.lastIndexOf("-");
  if (dash < 0) return { epoch: epoch ?? "", upstream: rest, revision: "" };
  return { epoch: epoch ?? "", upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

// Alternately a run of non-digits, compared by character, and a run of digits, compared as a number.
function comparePart(left: string, right: string): number {
  let [leftAt, rightAt] = [0, 0];
  while (leftAt < left.length || rightAt < right.length) {
    const [leftText, rightText] = [run(left, leftAt, false), run(right, rightAt, false)];
    leftAt += leftText.length;
    rightAt += rightText.length;
    const [leftDigits, rightDigits] = [run(left, leftAt, true), run(right, rightAt, true)];
    leftAt += leftDigits.length;
    rightAt += rightDigits.length;
    const order = compareText(leftText, rightText) || compareDigits(leftDigits, rightDigits);
    if (order !== 0) return order;
  }
  return 0;
}

function run(text: string, from: number, digits: boolean): string {
  let end = from;
  while (end < text.length && isDigit(text.charCodeAt(end)) === digits) end += 1;
  return text.slice(from, end);
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = weight(left, index) - weight(right, index);
    if (order !== 0) return order;
  }
  return 0;
}

// A tilde sorts before the end of the text (`1.0~rc1` is older than `1.0`), letters before everything else.
function weight(text: string, index: number): number {
  const character = text[index];
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = text.charCodeAt(index);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

// As text, because a version may hold more digits than a number can: 20231124000000000000.
function compareDigits(left: string, right: string): number {
  const [leftNumber, rightNumber] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  if (leftNumber.length !== rightNumber.length) return leftNumber.length - rightNumber.length;
  if (leftNumber === rightNumber) return 0;
  return leftNumber < rightNumber ? -1 : 1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
