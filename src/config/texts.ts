import { z } from "zod";
import { templateFault } from "../system/template.ts";

type Text = { readonly placeholders: readonly string[]; readonly subject: string; readonly body: string };

/** The comments that are made on a tracker: what each may mention, and our own words for it. */
const ourTexts = {
  duplicate: {
    placeholders: ["id", "master"],
    subject: "This crash is a duplicate",
    body:
      "Thank you for the report. The same crash is already known as #{master}, so this one is marked as its " +
      "duplicate. Please look there for its progress, and add there what may help to find the cause.",
  },
  not_closed: {
    placeholders: ["id", "reason"],
    subject: "Not a duplicate after all",
    body:
      "This crash was about to be closed as a duplicate, and somebody was quicker: {reason}. It stays open. What a " +
      "duplicate does not need has been removed already, its core too; the next crash of this kind brings its trace here.",
  },
  regression: {
    placeholders: ["id", "master"],
    subject: "Possible regression detected",
    body:
      "This crash has the same signature as #{master}, which is marked as fixed in an older version than the one " +
      "reported here.",
  },
  invalid: {
    placeholders: ["id", "reason"],
    subject: "Crash report cannot be processed",
    body: "Thank you for the report. It cannot be processed: {reason}.",
  },
  failed: {
    placeholders: ["id", "reason"],
    subject: "The crash could not be retraced",
    body: "This crash could not be retraced: {reason}. The core is kept, so that it can be tried again.",
  },
  symbols_missing: {
    placeholders: ["id", "files"],
    subject: "Symbols are missing",
    body:
      "No package with the debug symbols of these files has appeared in time, so the trace stays as it is. " +
      "The core is kept, so that it can be tried again.\n\n{files}",
  },
  buried: {
    placeholders: ["id", "reason"],
    subject: "Given up",
    body: "This crash will not be retraced: {reason}.",
  },
} as const satisfies Record<string, Text>;

/** `[texts]`: each comment's subject and body, with ours as defaults; a wrong placeholder is a fault. */
export function textsSchema() {
  return z.prefault(
    z.strictObject({
      duplicate: textSchema(ourTexts.duplicate),
      not_closed: textSchema(ourTexts.not_closed),
      regression: textSchema(ourTexts.regression),
      invalid: textSchema(ourTexts.invalid),
      failed: textSchema(ourTexts.failed),
      symbols_missing: textSchema(ourTexts.symbols_missing),
      buried: textSchema(ourTexts.buried),
    }),
    {},
  );
}

function textSchema({ placeholders, subject, body }: Text) {
  return z.prefault(
    z.strictObject({
      subject: template(placeholders, 200).default(subject),
      body: template(placeholders, 10_000).default(body),
    }),
    {},
  );
}

function template(placeholders: readonly string[], maxLength: number) {
  return z
    .string()
    .regex(/\S/, "must not be empty")
    .max(maxLength)
    .superRefine((text, context) => {
      const fault = templateFault(text, placeholders);
      if (fault !== null) context.addIssue({ code: "custom", message: fault });
    });
}
