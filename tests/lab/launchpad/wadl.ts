import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type ApiAnswer, emptyAnswer, Refusal } from "./answer.ts";
import type { Call } from "./call.ts";

// Launchpad's own description of its web service. It is read where Debian's package puts it and never copied here.
const wadlFile = "/usr/lib/python3/dist-packages/launchpadlib/testing/launchpad-wadl.xml";
const itsBase = "https://api.launchpad.test/1.0/";

/** The description of the whole service, for this server's addresses. launchpadlib asks for it at first. */
export async function wadlAnswer(call: Call): Promise<ApiAnswer> {
  const text = await wadlText();
  const body = Buffer.from((call.version === "devel" ? asInDevel(text) : text).replaceAll(itsBase, call.root));
  const etag = `"${createHash("sha1").update(body).digest("hex")}"`;
  if (call.headers["if-none-match"] === etag) return emptyAnswer(304, { ETag: etag });
  return { status: 200, headers: { "Content-Type": "application/vnd.sun.wadl+xml", ETag: etag }, body };
}

// Debian has the description of 1.0. That of devel differs in how the size of a collection is asked for.
function asInDevel(text: string): string {
  const link = `<wadl:link resource_type="${itsBase}#ScalarValue"/>`;
  const param = `<wadl:param style="plain" name="total_size_link" path="$['total_size_link']">${link}</wadl:param>`;
  // The replacement is a function: `$'` in a text would stand for what follows the match.
  return text.replaceAll(/<wadl:param style="plain" name="total_size" [^>]*\/>/g, () => param);
}

async function wadlText(): Promise<string> {
  try {
    return await readFile(wadlFile, "utf8");
  } catch (error) {
    throw new Refusal(500, `${wadlFile}: ${String(error)}; install the Debian package python3-launchpadlib`);
  }
}
