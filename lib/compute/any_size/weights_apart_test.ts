/** Which weights leave a graph, and where they lie. */
import { deepEqual, equal } from "../../testing/assert.ts";
import { newNodes } from "./nodes.ts";
import { weightsApart } from "./weights_apart.ts";

const { proto, tensor } = newNodes();
const values = (count: number) => new Float32Array(count).fill(count);
for (const name of ["a", "b", "c"]) tensor("float32", values(2000), [2000], name);
tensor("float32", values(3), [3], "small");

/** Returns the place of each weight that left: file, offset and length. */
const placesIn = ({ graph }: ReturnType<typeof weightsApart>) =>
  Object.fromEntries(
    graph.initializer.filter(({ rawData }) => rawData === undefined).map((each) => {
      const { name, externalData } = each as unknown as { name: string; externalData: { value: string }[] };
      return [name, externalData.map(({ value }) => value).join(" ")];
    }),
  );

Deno.test("without files, large weights lie in memory", () => {
  const made = weightsApart(proto);
  deepEqual(placesIn(made), { a: "weight 0 0 8000", b: "weight 1 0 8000", c: "weight 2 0 8000" });
  deepEqual(made.apart.inMemory!.map(({ data }) => data.byteLength), [8000, 8000, 8000]);
  equal(made.apart.folder, undefined);
});

Deno.test("weights in files of one folder stay there, and others in the graph", () => {
  const files: Record<string, string> = { a: "/one/x", b: "/two/y" };
  const made = weightsApart(proto, (name, bytes) => {
    equal(bytes, name === "small" ? 12 : 8000);
    return files[name] ? { path: files[name], offset: 64 } : undefined;
  });
  deepEqual(placesIn(made), { a: "x 64 8000" });
  deepEqual(made.apart, { folder: "/one" });
});
