import { deepEqual } from "../../testing/assert.ts";
import { confidentErrors } from "./errors.ts";

Deno.test("the most confident errors come first; right and unlabelled rows are no errors", () => {
  const row = (id: string, p: number, label?: string) => ({
    id,
    label,
    predicted: "joy",
    probabilities: { joy: p, anger: 1 - p },
  });
  const rows = [
    row("a", 0.7, "anger"),
    row("d", 0.9, "anger"),
    row("c", 0.9, "anger"),
    row("right", 1, "joy"),
    row("x", 1),
  ];
  deepEqual(confidentErrors(rows).map(({ id }) => id), ["c", "d", "a"]);
  deepEqual(confidentErrors(rows, 1).map(({ id }) => id), ["c"]);
  deepEqual(confidentErrors([]), []);
});
