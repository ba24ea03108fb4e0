import type { Generated } from "kysely";
import { decodeText, encodeText } from "../../report/text-encoding.ts";

/** The tracker's tables; docs/file-formats.md explains them. */
export type TrackerTables = {
  crash: {
    id: Generated<number>;
    title: string;
    program: string | null;
    /** ISO 8601, UTC. */
    submitted_at: string;
    status: Generated<string>;
    /** Set when the status is `fixed`; '' = in an unknown version. */
    fixed_version: Generated<string>;
    duplicate_of: number | null;
    importance: Generated<string>;
    /** 0 or 1. */
    private: Generated<number>;
  };
  field: { crash_id: number; position: number; name: string; value: Uint8Array };
  attachment: { crash_id: number; name: string; text: Uint8Array; size_bytes: number };
  blob: { crash_id: number; field: string; storage_name: string; size_bytes: number };
  /** Stored files that no crash refers to any more and that are still to be removed. */
  orphan: { storage_name: string };
  tag: { crash_id: number; tag: string };
  comment: {
    id: Generated<number>;
    crash_id: number;
    /** By which an edit recognises its own comment; null for what people write. */
    marker: string | null;
    subject: string;
    body: string;
    written_at: string;
  };
};

/** A report's text as it is kept. Half a surrogate pair that no report could hold becomes U+FFFD. */
export function toBytes(text: string): Buffer {
  return encodeText(text) ?? Buffer.from(text.toWellFormed(), "utf8");
}

/** The text that `toBytes` kept. */
export function fromBytes(bytes: Uint8Array): string {
  return decodeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).text;
}
