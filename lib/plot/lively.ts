/**
 * The script that makes the figures of a page or a notebook interactive. It needs no library.
 *
 * It reads three things in a drawing. The `<title>` of a mark is what a viewer reads at the pointer, or with
 * the arrow keys. `data-legend` hides and shows the `data-series` of the same name. In a notebook the drawing
 * stands in an `<img>`, which shows it where scripts are forbidden.
 */
export const LIVELY = String.raw`
(() => {
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const drawingOf = (picture) => {
    const image = picture.querySelector("img");
    if (!image) return picture.querySelector("svg");
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (char) => char.charCodeAt(0));
    const parsed = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
    const svg = document.importNode(parsed.documentElement, true), width = svg.getAttribute("width");
    svg.style.cssText = "width:100%;height:auto;max-width:" + width + "px;min-width:" + Math.round(0.75 * width) + "px";
    image.replaceWith(svg);
    return svg;
  };

  /** Shows what a mark says: at the pointer, or beside the mark that the arrow keys reach. */
  const readMarks = (figure, svg) => {
    const tip = element("div", { className: "tip", role: "status", hidden: true });
    figure.append(tip);
    for (const title of svg.querySelectorAll(":scope * > title")) {
      title.parentNode.dataset.says = title.textContent;
      title.remove(); // the browser would show it a second time
    }
    const box = (mark) => mark.getBoundingClientRect();
    let current;
    const show = (mark, x, y) => {
      current?.classList.remove("current");
      current = mark;
      tip.hidden = !mark;
      if (!mark) return;
      mark.classList.add("current");
      if (tip.textContent !== mark.dataset.says) tip.textContent = mark.dataset.says;
      const frame = box(figure);
      const left = Math.min(x - frame.left + 14, frame.width - tip.offsetWidth - 2);
      const below = y - frame.top + 16, above = y - frame.top - tip.offsetHeight - 10;
      tip.style.left = Math.max(0, left) + "px";
      tip.style.top = (above < 0 ? below : above) + "px";
    };
    const atPointer = (event) => show(event.target.closest("[data-says]"), event.clientX, event.clientY);
    svg.addEventListener("pointermove", atPointer);
    svg.addEventListener("pointerdown", atPointer);
    svg.addEventListener("pointerleave", () => show());
    svg.addEventListener("blur", () => show());

    const AHEAD = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const centre = (mark) => ({ x: box(mark).x + box(mark).width / 2, y: box(mark).y + box(mark).height / 2 });
    svg.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return show();
      const ahead = AHEAD[event.key], marks = [...svg.querySelectorAll("[data-says]")];
      if (!ahead || event.target !== svg || marks.length === 0) return;
      event.preventDefault();
      const from = current && centre(current);
      let next = current ?? marks[0], least = Infinity;
      for (const mark of from ? marks : []) {
        const to = centre(mark), across = [to.x - from.x, to.y - from.y];
        const along = across[0] * ahead[0] + across[1] * ahead[1];
        const aside = Math.abs(across[0] * ahead[1]) + Math.abs(across[1] * ahead[0]);
        if (along > 0.5 && along + 3 * aside < least) [next, least] = [mark, along + 3 * aside];
      }
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
      show(next, centre(next).x, centre(next).y);
    });
  };

  const toggleSeries = (svg) => {
    for (const legend of svg.querySelectorAll("[data-legend]")) {
      legend.setAttribute("role", "button");
      legend.setAttribute("tabindex", "0");
      legend.setAttribute("aria-pressed", "true");
      const toggle = () => {
        const hidden = legend.getAttribute("aria-pressed") === "true";
        legend.setAttribute("aria-pressed", String(!hidden));
        legend.setAttribute("opacity", hidden ? "0.4" : "1");
        for (const part of svg.querySelectorAll("[data-series]")) {
          if (part.dataset.series === legend.dataset.legend) part.style.display = hidden ? "none" : "";
        }
      };
      legend.addEventListener("click", toggle);
      legend.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle();
      });
    }
  };

  /** Returns the drawing as it is seen, as a document of its own. */
  const documentOf = (svg) => {
    const copy = svg.cloneNode(true);
    for (const name of ["style", "tabindex", "aria-label", "aria-roledescription"]) copy.removeAttribute(name);
    copy.setAttribute("role", "img");
    for (const legend of copy.querySelectorAll("[data-legend]")) {
      for (const name of ["role", "tabindex", "aria-pressed"]) legend.removeAttribute(name);
    }
    const name = (part, text) => {
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = text;
      part.prepend(title);
    };
    name(copy, svg.getAttribute("aria-label"));
    for (const mark of copy.querySelectorAll("[data-says]")) {
      name(mark, mark.dataset.says);
      mark.removeAttribute("data-says");
      mark.removeAttribute("class");
    }
    return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  };

  const pngOf = async (svg) => {
    const { width, height } = svg.viewBox.baseVal, url = URL.createObjectURL(documentOf(svg));
    const image = Object.assign(new Image(), { src: url });
    await image.decode();
    URL.revokeObjectURL(url);
    const canvas = element("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };

  const save = (figure, blob, ending) => {
    const name = figure.getAttribute("aria-label").replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60);
    const link = element("a", { href: URL.createObjectURL(blob), download: name + ending });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  for (const figure of document.querySelectorAll("figure.undertone:not([data-live])")) {
    figure.dataset.live = "";
    const picture = figure.querySelector(".picture"), svg = drawingOf(picture);
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-roledescription", "figure");
    svg.setAttribute("aria-label", figure.getAttribute("aria-label"));
    svg.querySelector(":scope > title")?.remove();
    readMarks(figure, svg);
    toggleSeries(svg);

    const button = (name, title, onclick) => element("button", { type: "button", title, onclick }, name);
    const hint = element("span", { className: "more" }, "There is more: scroll sideways →");
    const tools = element(
      "div",
      { className: "tools" },
      hint,
      button("SVG", "Download as SVG", () => save(figure, documentOf(svg), ".svg")),
      button("PNG", "Download as PNG", async () => save(figure, await pngOf(svg), ".png")),
    );
    tools.style.maxWidth = svg.style.maxWidth;
    figure.append(tools);
    new ResizeObserver(() => hint.hidden = picture.scrollWidth <= picture.clientWidth + 1).observe(picture);
  }
})();`;
