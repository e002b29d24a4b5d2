/** Reports the tests that a run skipped, counted by what was missing. */
import { howToGet } from "./needs.ts";

/**
 * Returns a line for each missing thing, from Deno's JUnit report: how many tests it skipped, and how to get
 * it. Tests that a filter left out have no time in the report and don't count.
 */
export function skippedTests(report: string): string[] {
  const counts = new Map<string, number>(), silent: string[] = [];
  for (const [, name] of report.matchAll(/<testcase name="([^"]*)"[^>]* time="[^>]*>\s*<skipped\/>/g)) {
    const lack = name.match(/ \(needs ([^()]+)\)$/)?.[1].replaceAll("&apos;", "'");
    if (lack) counts.set(lack, (counts.get(lack) ?? 0) + 1);
    else silent.push(name.replaceAll("&apos;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
  }
  return [
    ...[...counts].map(([lack, count]) => {
      return `${count} ${count === 1 ? "test" : "tests"} skipped without ${lack}: ${howToGet(lack)}`;
    }),
    ...silent.map((name) => `1 test skipped for no stated reason: ${name}`),
  ];
}
