/** The built-in corpora, one line each. */
import type { DataSource } from "../source.ts";
import { mosei } from "./cmu_mosei.ts";
import { mosi } from "./cmu_mosi.ts";
import { dailydialog } from "./dailydialog.ts";
import { emorynlp } from "./emorynlp.ts";
import { iemocap } from "./iemocap.ts";
import { meld } from "./meld.ts";
import { mspImprov } from "./msp_improv.ts";
import { mspPodcast } from "./msp_podcast.ts";
import { ravdess } from "./ravdess.ts";

export const corpora: readonly DataSource[] = [
  meld,
  ravdess,
  iemocap,
  mosi,
  mosei,
  mspImprov,
  mspPodcast,
  emorynlp,
  dailydialog,
];
