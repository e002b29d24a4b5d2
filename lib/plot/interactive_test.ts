import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { openTab } from "../testing/browser.ts";
import { testWith } from "../testing/needs.ts";
import { Resvg } from "@resvg/resvg-js";
import { metricsOf } from "../eval/metrics.ts";
import { confusionFigure } from "./confusion.ts";
import { curvesFigure } from "./curves.ts";
import { notebookHtml, plotlySource } from "./interactive.ts";
import { reportHtml } from "./report.ts";

const confusion = confusionFigure(metricsOf([[6, 2], [1, 3]], ["joy", "<anger>"]));
const curves = curvesFigure({
  title: "Training",
  epochs: [1, 2],
  best: 2,
  panels: [
    { title: "loss", series: { train: [2, 1], dev: [2, 1.5] } },
    { title: "dev", percent: true, series: { accuracy: [0.5, 0.75] } },
  ],
});

/** The drawing in the image of a notebook's figure. */
const imageOf = (html: string): string =>
  new TextDecoder().decode(Uint8Array.fromBase64(/svg\+xml;base64,([^"]+)/.exec(html)![1]));

Deno.test("in a notebook a figure is an image, which sanitisers leave, and a small script", () => {
  const html = notebookHtml(confusion), svg = imageOf(html);
  ok(!html.includes("<svg"), "sanitisers take it out");
  ok(html.includes('alt="Confusion matrix: accuracy'));
  match(svg, /prefers-color-scheme: dark/);
  ok(svg.includes("<title>true &lt;anger&gt;\npredicted joy\n1 of 4 rows, 25.0 %</title>"));
  ok(html.length - 4 * svg.length / 3 < 12_000, "style and script are small");
  new Resvg(svg); // throws if it is not XML
});

testWith(
  "Chromium",
  "in a browser: values, keys, legends, downloads, dark, widths and the zoom",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const page = reportHtml({ title: "run", figures: [confusion, curves] }, { source: await plotlySource() });
    await Deno.writeTextFile(`${folder}/page.html`, page);
    await Deno.writeTextFile(
      `${folder}/notebook.html`,
      `<!doctype html><meta charset="utf-8">${notebookHtml(confusion)}${notebookHtml(curves)}`,
    );
    await using tab = await openTab();
    const first = `document.querySelector("figure")`, second = `document.querySelectorAll("figure")[1]`;
    const says = (figure: string) =>
      tab.evaluate<string>(`${figure}.querySelector(".tip:not([hidden])")?.textContent ?? ""`);

    const hover = (figure: string, mark: number) =>
      tab.evaluate(`{
      const mark = ${figure}.querySelectorAll("[data-says]")[${mark}];
      mark.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
    }`);

    await t.step("notebook", async () => {
      await tab.open(`file://${folder}/notebook.html`);
      equal(await tab.evaluate(`document.querySelectorAll("figure > .picture > svg").length`), 2);
      await hover(second, 0);
      equal(await says(second), "epoch 1\ntrain 2.00\ndev 2.00");
      deepEqual(
        await tab.evaluate(`[...${first}.querySelectorAll("button")].map((each) => each.textContent)`),
        [
          "SVG",
          "PNG",
        ],
      );
    });

    await t.step("page", async () => {
      await tab.open(`file://${folder}/page.html`);
      await hover(first, 2);
      equal(await says(first), "true <anger>\npredicted joy\n1 of 4 rows, 25.0 %");
      await hover(second, 1);
      equal(await says(second), "epoch 2\ntrain 1.00\ndev 1.50");

      await tab.evaluate(`${first}.querySelector("svg").focus()`);
      const walked = [];
      await tab.press("Escape");
      for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"]) {
        await tab.press(key);
        walked.push((await says(first)).split("\n").slice(0, 2).join(", "));
      }
      deepEqual(walked, [
        "true joy, predicted joy",
        "true joy, predicted <anger>",
        "true <anger>, predicted <anger>",
        "true <anger>, predicted joy",
      ]);

      const shown = () =>
        tab.evaluate<string[]>(`[...${second}.querySelectorAll("[data-series]")]
        .filter((part) => getComputedStyle(part).display !== "none").map((part) => part.dataset.series)`);
      const legend = `${second}.querySelector('[data-legend="loss: train"]')`;
      await tab.evaluate(`${legend}.dispatchEvent(new MouseEvent("click", { bubbles: true }))`);
      deepEqual(await shown(), ["loss: dev", "dev: accuracy"]);
      equal(await tab.evaluate(`${legend}.getAttribute("aria-pressed")`), "false");

      // What is saved is the drawing as it is seen.
      const saved = (ending: string) =>
        tab.evaluate<[name: string, type: string, data: string]>(`new Promise((done) => {
        HTMLAnchorElement.prototype.click = async function () {
          const blob = await (await fetch(this.href)).blob(), reader = new FileReader();
          reader.onload = () => done([this.download, blob.type, reader.result.split(",")[1]]);
          reader.readAsDataURL(blob);
        };
        [...${second}.querySelectorAll("button")].find((each) => each.textContent === "${ending}").click();
      })`);
      const [svgName, svgType, data] = await saved("SVG");
      deepEqual([svgName, svgType], ["Training.svg", "image/svg+xml"]);
      const svg = new TextDecoder().decode(Uint8Array.fromBase64(data));
      new Resvg(svg);
      match(svg, /data-series="loss: train" style="display: none;"/);
      match(svg, /<title>Training<\/title>/);
      equal(/data-says|tabindex|button/.test(svg), false);
      const [pngName, pngType, pixels] = await saved("PNG");
      deepEqual([pngName, pngType], ["Training.png", "image/png"]);
      const view = new DataView(Uint8Array.fromBase64(pixels).buffer);
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(curves.svg)!.map(Number);
      deepEqual([view.getUint32(16), view.getUint32(20)], [2 * width, 2 * height]);

      await tab.evaluate(`${legend}.focus()`);
      await tab.press("Enter");
      equal((await shown()).length, 3);

      const paper = () => tab.evaluate(`getComputedStyle(${first}.querySelector("svg > rect")).fill`);
      equal(await paper(), "rgb(255, 255, 255)");
      await tab.screen({ dark: true });
      equal(await paper(), "rgb(20, 24, 29)");

      const widthOf = () =>
        tab.evaluate<number>(`${second}.querySelector("svg").getBoundingClientRect().width`);
      const hint = () =>
        tab.evaluate<boolean>(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
        done(!${second}.querySelector(".more").hidden))))`);
      deepEqual([await widthOf() <= width, await hint()], [true, false]);
      await tab.screen({ width: 390 });
      ok(Math.abs(await widthOf() - 0.75 * width) < 1, "readable");
      equal(await hint(), true);
      ok(
        await tab.evaluate<number>("document.documentElement.scrollWidth") <= 390,
        "the page itself does not scroll",
      );
    });

    await t.step("zoomed", async () => {
      await tab.screen({ width: 1280, dark: false });
      equal(await tab.evaluate("typeof Plotly"), "undefined", "not read before it is wanted");
      const zoom = `[...${second}.querySelectorAll("button")].find((each) => each.textContent === "Zoom")`;
      await tab.evaluate(`${zoom}.onclick()`);
      const plot = `${second}.querySelector(".js-plotly-plot")`;
      const texts = (selector: string) =>
        tab.evaluate<string[]>(
          `[...${plot}.querySelectorAll("${selector}")].map((each) => each.textContent)`,
        );
      deepEqual(await texts(".xtick text"), ["1", "2"]);
      deepEqual(await texts(".x2tick text"), ["1", "2"]);
      const paper = () => tab.evaluate(`${plot}.querySelector(".main-svg").style.background`);
      equal(await paper(), "rgb(255, 255, 255)");
      await tab.evaluate(
        `globalThis.drawn = new Promise((done) => ${plot}.on("plotly_afterplot", done)), 0`,
      );
      await tab.screen({ dark: true });
      await tab.evaluate("drawn");
      equal(await paper(), "rgb(20, 24, 29)");
      await tab.evaluate(`${zoom}.onclick()`);
      equal(await tab.evaluate(`${second}.querySelector("svg").checkVisibility()`), true);
    });
    await Deno.remove(folder, { recursive: true });
  },
);
