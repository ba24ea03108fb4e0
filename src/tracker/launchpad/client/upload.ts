import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type FilePart, multipart } from "./multipart.ts";
import { postOnce } from "./post.ts";
import type { Posted, Upload } from "./types.ts";
import type { Wire } from "./wire.ts";

/** Attaches a file to a bug, in one pass over it. */
export async function upload(
  bugUrl: string,
  file: Upload,
  isThere: () => Promise<boolean>,
  wire: Wire,
): Promise<Posted> {
  const url = wire.addresses.api(bugUrl);
  const request = async () => {
    const { contentType, ...body } = multipart([
      { name: "ws.op", value: "addAttachment" },
      { name: "content_type", value: "null" },
      { name: "is_patch", value: "false" },
      { name: "comment", value: JSON.stringify(file.comment) },
      { name: "filename", value: JSON.stringify(file.fileName) },
      { name: "description", value: JSON.stringify(file.description) },
      { name: "data", fileName: file.fileName, ...(await contentOf(file)) },
    ]);
    return { method: "POST" as const, url, headers: { "Content-Type": contentType }, body };
  };
  return await postOnce(request, isThere, wire);
}

async function contentOf({ content }: Upload): Promise<Pick<FilePart, "sizeBytes" | "pieces">> {
  if ("text" in content) {
    const bytes = Buffer.from(content.text, "utf8");
    return { sizeBytes: bytes.length, pieces: [bytes] };
  }
  const { size } = await stat(content.path);
  // Never more than the size that was announced, should the file grow meanwhile.
  const pieces = size === 0 ? [] : createReadStream(content.path, { end: size - 1 });
  return { sizeBytes: size, pieces };
}
