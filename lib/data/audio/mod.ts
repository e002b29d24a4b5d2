/** Decodes audio and video files to samples at 16 kHz. */
export { type AudioFault, type AudioWarning, type ClipWarning, clipWarningsNote } from "./fault.ts";
export { decodeAudio, type Decoded } from "./decode.ts";
export { type AudioClip, loadAudio, MOST_CLIP_BYTES, readClip } from "./load.ts";
export { resample, SAMPLE_RATE } from "./resample.ts";
export { speechProbabilities, speechSpans, type SpeechStream } from "./speech.ts";
export { type Span, spansOf, SPEECH_FRAME, type SpeechOptions } from "./spans.ts";
export { speechPieces } from "./pieces.ts";
export { decodeVideo, isVideo } from "./video.ts";
