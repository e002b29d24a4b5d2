/** Published releases of corpora: fetched on request, or where to ask for them. */
export { elsewhere } from "./elsewhere.ts";
export { type GetOptions, type GetPlan, getRelease, type GotRelease, planRelease } from "./get.ts";
export { cremad, emodb, meld, ravdess, releases } from "./list.ts";
export type { Elsewhere, Release } from "./release.ts";
