/** Recordings: files of any kind to 16 kHz samples. */
export { type AudioFault, type AudioWarning, type OddClip, oddClipsNote } from "./fault.ts";
export { decodeAudio, type Decoded } from "./decode.ts";
export { loadAudio, readRecording, type Recording } from "./load.ts";
export { resample, SAMPLE_RATE } from "./resample.ts";
export { decodeVideo, isVideo } from "./video.ts";
