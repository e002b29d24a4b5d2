/** The built-in corpora, one line each. */
import type { DataSource } from "../source.ts";
import { mosei } from "./cmu_mosei.ts";
import { mosi } from "./cmu_mosi.ts";
import { cremad } from "./cremad.ts";
import { dailydialog } from "./dailydialog.ts";
import { emodb } from "./emodb.ts";
import { emorynlp } from "./emorynlp.ts";
import { emozionalmente } from "./emozionalmente.ts";
import { enterface } from "./enterface.ts";
import { esd } from "./esd.ts";
import { iemocap } from "./iemocap.ts";
import { jl } from "./jl.ts";
import { meld } from "./meld.ts";
import { mspImprov } from "./msp_improv.ts";
import { mspPodcast } from "./msp_podcast.ts";
import { nemo } from "./nemo.ts";
import { ravdess } from "./ravdess.ts";
import { savee } from "./savee.ts";
import { tess } from "./tess.ts";

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
  cremad,
  emodb,
  emozionalmente,
  enterface,
  esd,
  jl,
  nemo,
  savee,
  tess,
];
