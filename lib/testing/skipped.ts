/** The tests that a run skipped, counted by what they lack. */
import { howToGet } from "./needs.ts";

/**
 * A line for each thing that tests went without, out of Deno's JUnit report: how many, and what enables them. Those that
 * a filter left out have no time there, and don't count.
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
      return `${count} ${count === 1 ? "test" : "tests"} skipped for want of ${lack}: ${howToGet(lack)}`;
    }),
    ...silent.map((name) => `1 test skipped without a reason: ${name}`),
  ];
}
