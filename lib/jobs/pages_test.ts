import { rejects } from "../testing/assert.ts";
import { requirePagePath, writePage } from "./pages.ts";

Deno.test("a page replaces nothing but a page of ours", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" }), page = `${folder}/page.html`;
  await rejects(requirePagePath(`${folder}/best.safetensors`, "--out"), /Write .*best\.safetensors\.html\./);
  await requirePagePath(page, "--out");
  await writePage(page, { title: "Ours" });
  await requirePagePath(page, "--out");
  await Deno.writeTextFile(page, "<p>Mine</p>");
  await rejects(requirePagePath(page, "--out"), /found something else at .*Choose another path with --out/);
  await Deno.mkdir(`${folder}/folder.html`);
  await rejects(requirePagePath(`${folder}/folder.html`, "--out"), /found something else/);
});
