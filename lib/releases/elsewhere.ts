/** Corpora that their owners give out: where to ask. */
import type { Elsewhere } from "./release.ts";

export const elsewhere: readonly Elsewhere[] = [
  {
    id: "iemocap",
    name: "IEMOCAP",
    page: "https://sail.usc.edu/iemocap/iemocap_release.htm",
    how: "Fill in the release form there; it is free for research.",
  },
  {
    id: "msp-improv",
    name: "MSP-IMPROV",
    page: "https://ecs.utdallas.edu/research/researchlabs/msp-lab/MSP-Improv.html",
    how: "Your institution signs an academic licence.",
  },
  {
    id: "msp-podcast",
    name: "MSP-Podcast",
    page: "https://lab-msp.com/MSP/MSP-Podcast.html",
    how: "Your institution signs an academic licence.",
  },
  {
    id: "mosei",
    name: "CMU-MOSEI",
    page: "http://multicomp.cs.cmu.edu/resources/cmu-mosei-dataset/",
    how: "The page says how to get labels, features and videos.",
  },
  {
    id: "mosi",
    name: "CMU-MOSI",
    page: "http://multicomp.cs.cmu.edu/resources/cmu-mosi-dataset/",
    how: "The page says how to get labels, features and videos.",
  },
  {
    id: "enterface",
    name: "eNTERFACE'05",
    page: "http://www.enterface.net/enterface05/",
    how: "Look for project 2 of the workshop; its videos are free for research.",
  },
  {
    id: "savee",
    name: "SAVEE",
    page: "http://kahlan.eps.surrey.ac.uk/savee/Download.html",
    how: "Register there; it is free for research.",
  },
  {
    id: "tess",
    name: "TESS",
    page: "https://tspace.library.utoronto.ca/handle/1807/24487",
    how: "Fetch its archives in a browser; the licence is CC BY-NC-ND 4.0.",
  },
  {
    id: "esd",
    name: "ESD",
    page: "https://hltsingapore.github.io/ESD/",
    how: "Follow the link there; it is for research.",
  },
  {
    id: "jl",
    name: "JL-Corpus",
    page: "https://www.kaggle.com/datasets/tli725/jl-corpus",
    how: "Fetch it with an account of Kaggle; the licence is CC0.",
  },
  {
    id: "nemo",
    name: "nEMO",
    page: "https://huggingface.co/datasets/amu-cai/nEMO",
    how: "Fetch it there; the licence is CC BY-NC-SA 4.0.",
  },
  {
    id: "emozionalmente",
    name: "Emozionalmente",
    page: "https://zenodo.org/records/12616095",
    how: "Fetch its archive there; the licence is CC BY 4.0.",
  },
  {
    id: "emorynlp",
    name: "EmoryNLP",
    page: "https://github.com/emorynlp/emotion-detection",
    how: "Its texts and labels are in that repository; the sound is not published.",
  },
  {
    id: "dailydialog",
    name: "DailyDialog",
    page: "http://yanran.li/dailydialog.html",
    how: "Fetch its archive there; the licence is CC BY-NC-SA 4.0.",
  },
];
