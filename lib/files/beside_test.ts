import { join } from "node:path";
import { equal } from "../testing/assert.ts";
import { nearestBeside } from "./beside.ts";

Deno.test("the nearest name beside a path is one that is accepted, or none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["model_a", "models"]) await Deno.mkdir(join(folder, name));
    await Deno.writeTextFile(join(folder, "modell"), "");
    const isFolder = (entry: { isDirectory(): boolean }) => entry.isDirectory();
    equal(nearestBeside(join(folder, "modell_a"), isFolder), "model_a");
    equal(nearestBeside(join(folder, "modelll"), () => true), "modell");
    equal(nearestBeside(join(folder, "modelss"), isFolder), "models");
    equal(nearestBeside(join(folder, "something else"), isFolder), undefined);
    equal(nearestBeside(join(folder, "none", "models"), isFolder), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
