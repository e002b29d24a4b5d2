/** The style of pages: light and dark, on paper and on a phone, and the hint at tables that scroll. */
import { FONT, INK, LINE, MUTED, PAPER } from "./theme.ts";

/** The style sheet. Colours are variables, so that dark and print exchange them alone. */
export const CSS = `
:root { color-scheme: light dark; --page: #f6f8fa; --ink: ${INK}; --muted: #5b6773; --line: ${LINE};
  --paper: ${PAPER}; --note: #fff7e0; --mark: #e0a100; --link: #0b5c9e; --shade: rgba(31, 41, 51, 0.28); }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #0d1014; --ink: #e6eaef; --muted: #9aa7b4; --line: #333c46; --paper: #14181d;
    --note: #2b2412; --mark: #c99a1e; --link: #7cc0f0; --shade: rgba(0, 0, 0, 0.85); }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 ${FONT}; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
p { margin: 8px 0; overflow-wrap: anywhere; max-width: 80ch; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.muted { color: var(--muted); margin: 4px 0 0; }
.note { background: var(--note); border-left: 4px solid var(--mark); padding: 8px 14px; border-radius: 4px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 16px 0; padding: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.facts div, .card, details { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.facts div { padding: 10px 18px; }
dt { color: var(--muted); font-size: 13px; }
dd { margin: 0; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card, details { margin: 16px 0; padding: 16px 20px; }
.tables { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; margin: 16px 0; }
.tables .card { flex: 1 1 auto; margin: 0; max-width: 100%; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); gap: 16px;
  --wide: min(100vw - 48px, 1800px); width: var(--wide); margin: 16px 0 16px calc(50% - var(--wide) / 2); }
.beside .card { margin: 0; min-width: 0; padding: 12px 8px; }
ul { padding-left: 22px; margin: 8px 0; }
li { overflow-wrap: anywhere; max-width: 80ch; }
figure { margin: 0; }
.scroll { overflow-x: auto; background:
  linear-gradient(to right, var(--paper) 30%, transparent) left / 40px 100% no-repeat local,
  linear-gradient(to left, var(--paper) 30%, transparent) right / 40px 100% no-repeat local,
  radial-gradient(farthest-side at 0 50%, var(--shade), transparent) left / 14px 100% no-repeat scroll,
  radial-gradient(farthest-side at 100% 50%, var(--shade), transparent) right / 14px 100% no-repeat scroll; }
.hint { display: none; color: var(--muted); font-size: 13px; margin: 6px 0 0; }
.more + .hint { display: block; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 8px; }
th { color: var(--muted); font-weight: 600; font-size: 13px; }
th, td { padding: 5px 0 5px 18px; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
td[style*="right"], th[style*="right"] { white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
.clips { padding-left: 24px; }
.clips li { margin: 12px 0; padding-left: 4px; }
.clips p { margin: 2px 0; }
audio { max-width: 100%; margin-top: 4px; }
summary { cursor: pointer; font-weight: 600; }
pre { margin: 8px 0; font-size: 13px; }
@media (max-width: 600px) {
  main { padding: 20px 14px 48px; }
  .beside { width: auto; margin: 16px 0; }
  .card, details { padding: 12px 12px; }
  dd { font-size: 18px; }
}
@media print {
  body { background: ${PAPER}; }
  .card, .clips li { break-inside: avoid; }
  h2 { break-after: avoid; }
  nav, audio, .hint { display: none; }
  .scroll { overflow: visible; }
  .muted { color: ${MUTED}; }
}
`;

/** A script that marks the areas that have more than they show, so that their hints appear. */
export const HINTS = `
const mark = () => {
  for (const area of document.querySelectorAll(".scroll")) {
    area.classList.toggle("more", area.scrollWidth > area.clientWidth + 1);
  }
};
addEventListener("resize", mark);
addEventListener("load", mark);
document.addEventListener("toggle", mark, true);
mark();`;
