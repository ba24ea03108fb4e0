/** Fields that are always binary. Text in their place is a fault: somebody would take it for a core. */
export const binaryFields: ReadonlySet<string> = new Set(["CoreDump", "VmCore"]);

/**
 * Fields that are text to every rule that reads them. Apport's writer turns a text with control
 * characters into a binary value (seen: a Traceback whose message holds a terminal escape), so these
 * are accepted in binary form too and read as the text that they are.
 */
export const textFields: ReadonlySet<string> = new Set([
  "Architecture",
  "AssertionMessage",
  "Date",
  "Dependencies",
  "Disassembly",
  "DistroRelease",
  "DuplicateSignature",
  "ExecutablePath",
  "ExecutableTimestamp",
  "Failure",
  "InterpreterPath",
  "MachineType",
  "OopsText",
  "Package",
  "PackageArchitecture",
  "ProblemType",
  "ProcMaps",
  "Registers",
  "Signal",
  "SignalName",
  "SourcePackage",
  "Stacktrace",
  "StacktraceAddressSignature",
  "StacktraceSource",
  "StacktraceTop",
  "Tags",
  "ThreadStacktrace",
  "Title",
  "Traceback",
  "UnreportableReason",
  "_PythonExceptionQualifier",
  "dmi.bios.version",
]);

const maxKeyLength = 255;

// `.` and `..` are made of allowed characters. No report has such a field, and some program on the way
// of a report will use keys as file names again (CVE-2016-9950, CVE-2017-10708).
/** Whether a text may be a field's name. */
export function isFieldName(key: string): boolean {
  return key.length <= maxKeyLength && /^[A-Za-z0-9._-]+$/.test(key) && !/^\.+$/.test(key);
}

/** Fields that begin with `_` are for programs: not shown to people and not sent to a tracker. */
export function isInternalField(key: string): boolean {
  return key.startsWith("_");
}
