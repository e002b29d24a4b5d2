/** The script that zooms the figures of a page with plotly.js. It runs after that of `lively.ts`. */
import { DARK } from "./dark.ts";

export const ZOOM = String.raw`
(() => {
  const holder = document.querySelector("script[data-plotly]");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let plotly;
  const loadPlotly = () =>
    plotly ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.onload = done;
      script.onerror = failed;
      if (holder.dataset.plotly) script.src = holder.dataset.plotly;
      else script.textContent = holder.textContent;
      document.head.append(script);
      if (!script.src) done();
    });

  const COLOURS = ${JSON.stringify(DARK)};
  const inDark = (value) =>
    typeof value === "string"
      ? COLOURS[value] ?? value
      : Array.isArray(value)
      ? value.map(inDark)
      : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inDark(each)]))
      : value;

  /** Returns a button that exchanges the drawing for its plotly form and back. */
  const zoomButton = (picture, source) => {
    const svg = picture.querySelector("svg");
    const place = Object.assign(document.createElement("div"), { hidden: true });
    place.style.minWidth = svg.style.minWidth;
    picture.append(place);
    const draw = () => {
      const { data, layout, config } = dark.matches ? inDark(source) : source;
      return Plotly.react(place, data, layout, config);
    };
    dark.addEventListener("change", () => place.hidden || draw());
    const button = document.createElement("button");
    Object.assign(button, { type: "button", title: "Zoom and pan with plotly.js", textContent: "Zoom" });
    button.setAttribute("aria-pressed", "false");
    button.onclick = async () => {
      try {
        await loadPlotly();
        place.hidden = !place.hidden;
        svg.style.display = place.hidden ? "" : "none";
        if (!place.hidden) await draw();
        button.setAttribute("aria-pressed", String(!place.hidden));
      } catch {
        button.replaceWith("No zoom: " + holder.dataset.plotly + " does not lie beside this page.");
      }
    };
    return button;
  };

  for (const figure of document.querySelectorAll("figure.undertone")) {
    const source = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    figure.querySelector(".tools").append(zoomButton(figure.querySelector(".picture"), source));
  }
})();`;
