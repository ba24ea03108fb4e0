// `gedit crashed with SIGSEGV in g_object_unref()`: what Apport and the trackers give a crash as its title before
// anybody knows better. Whatever follows the parentheses was added by a person.
const withFunction = /^(.* crashed with (?:SIG\w+|signal \d+)) in .*\(\)(.*)$/;
const withoutFunction = /^.* crashed(?: with (?:SIG\w+|signal \d+))?$/;
const place = / crashed with (?:SIG\w+|signal \d+)( in .*)$/;

/**
 * The title of a crash once its trace is known, null when it stays as it is: the function gets its real name. A title
 * of a person's own words stays.
 *
 * @param better the title that the trace gives
 */
export function retitled(current: string, better: string | null): string | null {
  if (better === null) return null;
  const automatic = withFunction.exec(current);
  if (automatic === null) return withoutFunction.test(current) ? changed(current, better) : null;
  const found = place.exec(better)?.[1];
  return changed(current, found === undefined ? better : `${automatic[1]}${found}${automatic[2]}`);
}

function changed(current: string, title: string): string | null {
  return title === current ? null : title;
}
