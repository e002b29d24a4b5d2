/**
 * The releases that `data-get` fetches. Sizes and checksums are those that Zenodo's and Hugging Face's pages
 * show, and git-lfs' own. EMO-DB's first page and the archives of git repositories have none.
 */
import type { Release } from "./release.ts";

const ZENODO = "https://zenodo.org";

/** MELD (Poria et al. 2019): videos in three tar.gz inside a tar.gz. */
export const meld: Release = {
  id: "meld",
  name: "MELD",
  page: "https://affective-meld.github.io",
  licence: "GPL-3.0",
  checked: "SHA-256 of the archive, the same from both mirrors",
  archives: [{
    name: "MELD.Raw.tar.gz",
    about: 10_878_146_150,
    mirrors: [
      "https://huggingface.co/datasets/declare-lab/MELD/resolve/main/MELD.Raw.tar.gz",
      "https://web.eecs.umich.edu/~mihalcea/downloads/MELD.Raw.tar.gz",
    ].map((url) => ({
      url,
      size: 10_878_146_150,
      checksum: "sha256:a56b4407d574195cbce470d86f9c9d72fcfea59b0e34502ecd4babee4a5c613e",
    })),
  }],
  top: /^MELD\.Raw\//,
  // Videos that are called final_videos_testdia… are other cuts, which no row names.
  wanted: /(^|\/)(README[^/]*|\w+_sent_emo(_dya)?\.csv|dia\d+_utt\d+\.mp4)$/i,
  videos: /\.mp4$/i,
  clips: /(^|\/)dia\d+_utt\d+\.flac$/i,
  unpacked: 1_600_000_000,
};

/** RAVDESS (Livingstone & Russo 2018), the audio-only speech of all 24 actors. */
export const ravdess: Release = {
  id: "ravdess",
  name: "RAVDESS, audio-only speech",
  page: "https://zenodo.org/records/1188976",
  licence: "CC BY-NC-SA 4.0",
  checked: "MD5 of the archive",
  archives: [{
    name: "Audio_Speech_Actors_01-24.zip",
    about: 208_468_073,
    mirrors: [
      `${ZENODO}/records/1188976/files/Audio_Speech_Actors_01-24.zip?download=1`,
      `${ZENODO}/api/records/1188976/files/Audio_Speech_Actors_01-24.zip/content`,
    ].map((url) => ({ url, size: 208_468_073, checksum: "md5:bc696df654c87fed845eb13823edef8a" })),
  }],
  top: /^Audio_Speech_Actors_01-24\//i,
  clips: /(^|\/)03-01-(\d\d-){4}\d\d\.wav$/,
  clipCount: 1440,
  unpacked: 600_000_000,
};

/** EMO-DB (Burkhardt et al. 2005): version 1.3.0 of the authors on Zenodo, or their first page. */
export const emodb: Release = {
  id: "emodb",
  name: "EMO-DB",
  page: "https://zenodo.org/records/7447302",
  licence: "CC BY 4.0",
  checked:
    "MD5 of the archive on Zenodo; the mirror publishes none, so its directory and 535 clips are checked",
  archives: [{
    name: "emodb.zip",
    about: 40_000_000,
    mirrors: [
      {
        url: `${ZENODO}/records/7447302/files/emodb.zip?download=1`,
        size: 39_981_818,
        checksum: "md5:9d21362dbc5676ef3ab4745d83ced0db",
      },
      { url: "http://emodb.bilderbar.info/download/download.zip" },
    ],
  }],
  top: /^emodb\//,
  clips: /(^|\/)wav\/\d\d[ab]\d\d[A-Z][a-z]?\.wav$/,
  clipCount: 535,
  unpacked: 60_000_000,
};

/** CREMA-D (Cao et al. 2014): its git repository holds pointers to the clips, with their SHA-256. */
export const cremad: Release = {
  id: "cremad",
  name: "CREMA-D, sound",
  page: "https://github.com/CheyneyComputerScience/CREMA-D",
  licence: "ODbL 1.0, contents DbCL 1.0",
  checked: "SHA-256 of each clip, from its git-lfs pointer; the repository's archive has none",
  archives: [{
    name: "CREMA-D.zip",
    about: 50_000_000,
    mirrors: [
      { url: "https://codeload.github.com/CheyneyComputerScience/CREMA-D/zip/refs/heads/master" },
      { url: "https://gitlab.com/cs-cooper-lab/crema-d-mirror/-/archive/main/crema-d-mirror-main.zip" },
    ],
  }],
  top: /^(CREMA-D|crema-d-mirror)-[^/]+\//,
  wanted: /^(AudioWAV\/[^/]+\.wav|(processedResults\/)?[^/]+\.csv|README[^/]*|LICENSE[^/]*)$/,
  lfs: [
    "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/",
    "https://gitlab.com/cs-cooper-lab/crema-d-mirror/-/raw/main/",
  ],
  lfsBytes: 605_899_936,
  clips: /^AudioWAV\/\d{4}_[A-Z]{3}_[A-Z]{3}_[A-Z]{2}\.wav$/,
  clipCount: 7442,
  unpacked: 700_000_000,
};

/** All of them. */
export const releases: readonly Release[] = [meld, ravdess, emodb, cremad];
