/** Which weights leave a graph, and where they lie. */
import { deepEqual, equal } from "../../testing/assert.ts";
import { newNodes } from "./nodes.ts";
import { weightsApart } from "./weights_apart.ts";

const { proto, tensor, emit } = newNodes();
const values = (count: number) => new Float32Array(count).fill(count);
for (const name of ["a", "b", "c", "d", "e"]) tensor("float32", values(2000), [2000, 1], name);
tensor("float32", values(3), [3], "small");
emit("MatMul", ["x", "a"]);
emit("Gemm", ["x", "b"]);
emit("Gather", ["c", "ids"]);
emit("com.microsoft:FusedMatMul", ["x", "d"]);
emit("Add", [emit("MatMul", ["x", "e"]), "e"]);

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
  deepEqual(
    placesIn(made),
    Object.fromEntries([..."abcde"].map((name, i) => [name, `weight ${i} 0 8000`])),
  );
  deepEqual(made.apart.inMemory!.map(({ data }) => data.byteLength), Array(5).fill(8000));
  equal(made.apart.folder, undefined);
});

Deno.test("factors in files of one folder stay there, and other weights in the graph", () => {
  const files: Record<string, string> = { a: "/one/x", b: "/two/y", c: "/one/x", d: "/one/z", e: "/one/x" };
  const made = weightsApart(proto, (name, bytes) => {
    equal(bytes, name === "small" ? 12 : 8000);
    return files[name] ? { path: files[name], offset: 64 } : undefined;
  });
  deepEqual(placesIn(made), { a: "x 64 8000", d: "z 64 8000" });
  deepEqual(made.apart, { folder: "/one" });
});
