/** The built-in corpora, one line each. */
import type { DataSource } from "../source.ts";
import { mosei } from "./cmu_mosei.ts";
import { mosi } from "./cmu_mosi.ts";
import { iemocap } from "./iemocap.ts";
import { meld } from "./meld.ts";
import { ravdess } from "./ravdess.ts";

export const corpora: readonly DataSource[] = [
  meld,
  ravdess,
  iemocap,
  mosi,
  mosei,
];
