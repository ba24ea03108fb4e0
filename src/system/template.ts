/** `{name}`, or a brace that is meant as it stands (`{{`, `}}`), or one that stands alone. */
const piece = /\{\{|\}\}|\{([A-Za-z_]*)\}|[{}]/g;

/** What is wrong with a template that may use these placeholders; null when nothing is. */
export function templateFault(template: string, known: readonly string[]): string | null {
  for (const [text, name] of template.matchAll(piece)) {
    if (text === "{{" || text === "}}") continue;
    const placeholders = known.map((each) => `{${each}}`).join(", ");
    if (name === undefined) return `a single ${text} (write ${text}${text}; placeholders here: ${placeholders})`;
    if (!known.includes(name)) return `unknown placeholder ${text} (known here: ${placeholders})`;
  }
  return null;
}

/** Puts values in the places of a template that has no fault. Values are taken as they are, braces and all. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(piece, (text: string, name: string | undefined) => {
    if (name === undefined) return text.slice(0, 1);
    return values[name] ?? text;
  });
}
