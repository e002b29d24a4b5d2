/**
 * Says how long the sound of a file is, by counting its frames without decoding them. Silence can be so
 * compressed that 140 kB hold ten hours, and headers can be wrong: neither bounds the memory of decoding.
 */

/**
 * Returns the seconds that a decoder would make of FLAC, Ogg or MP3, or at most that many for Vorbis. Returns
 * undefined for other formats, and for files that have no proper start.
 */
export function secondsWithin(bytes: Uint8Array): number | undefined {
  const start = letters(bytes, 0, 4);
  if (start === "fLaC") return inFlac(bytes);
  if (start === "OggS") return inOgg(bytes);
  if (start.startsWith("ID3") || bytes[0] === 0xff) return inMp3(bytes);
}

const letters = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Samples of a FLAC frame by the code in its header (RFC 9639, section 9.1.1); 6 and 7: the header has them.
 */
const BLOCKS = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];
/** Bits that follow a header's first four bytes by the code of the sample rate. */
const RATE_BYTES: Record<number, number> = { 12: 1, 13: 2, 14: 2 };

function inFlac(bytes: Uint8Array): number | undefined {
  if (bytes.length < 42) return undefined;
  const rate = viewOf(bytes).getUint32(18) >>> 12;
  let samples = 0;
  for (let at = bytes.indexOf(0xff, 42); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    samples += flacFrame(bytes, at) ?? 0;
  }
  return rate > 0 ? samples / rate : undefined;
}

/** Returns the samples of the frame whose header is at `at`, or undefined if there is none. */
function flacFrame(bytes: Uint8Array, at: number): number | undefined {
  if (at + 16 > bytes.length || (bytes[at + 1] & 0xfe) !== 0xf8 || bytes[at + 3] & 1) return undefined;
  const block = bytes[at + 2] >> 4, rate = bytes[at + 2] & 15, first = bytes[at + 4];
  if (block === 0 || rate === 15 || bytes[at + 3] >> 4 > 10) return undefined;
  const ones = Math.clz32(~(first << 24)), number = at + 4 + Math.max(1, ones); // a number as in UTF-8
  if (ones === 1 || ones === 8) return undefined;
  const rest = number + (block === 6 ? 1 : block === 7 ? 2 : 0), end = rest + (RATE_BYTES[rate] ?? 0);
  if (crc8(bytes.subarray(at, end)) !== bytes[end]) return undefined;
  if (block === 6) return bytes[number] + 1;
  return block === 7 ? bytes[number] * 256 + bytes[number + 1] + 1 : BLOCKS[block];
}

/** The checksum of a FLAC header: polynomial x^8 + x^2 + x + 1. */
function crc8(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 128 ? (sum << 1 ^ 7) & 255 : sum << 1;
  }
  return sum;
}

/** A packet tells its own length in Opus and FLAC; in Vorbis, none is longer than half the large block. */
function inOgg(bytes: Uint8Array): number | undefined {
  const opus = letters(bytes, 28, 36) === "OpusHead", vorbis = letters(bytes, 29, 35) === "vorbis";
  const flac = letters(bytes, 29, 33) === "FLAC";
  if (!opus && !vorbis && !flac || bytes.length < 64) return undefined;
  const view = viewOf(bytes);
  const rate = opus ? 48_000 : vorbis ? view.getUint32(40, true) : view.getUint32(55) >>> 12;
  const half = 2 ** (bytes[56] >> 4) / 2;
  let samples = 0, headers = opus ? 2 : vorbis ? 3 : 0; // packets before the first with sound
  for (let page = 0; page >= 0 && page + 27 < bytes.length; page = nextPage(bytes, page + 27)) {
    const count = bytes[page + 26];
    let packet = page + 27 + count, length = 0;
    for (let i = 0; i < count; i++) {
      length += bytes[page + 27 + i];
      if (bytes[page + 27 + i] === 255) continue;
      const own = opus ? opusPacket(bytes, packet) : vorbis ? half : flacFrame(bytes, packet) ?? 0;
      samples += headers > 0 ? 0 : own;
      headers--;
      packet += length;
      length = 0;
    }
  }
  return rate > 0 ? samples / rate : undefined;
}

/** Returns the place of the next page from `from` on, or -1. */
function nextPage(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x4f, from); at >= 0; at = bytes.indexOf(0x4f, at + 1)) {
    if (bytes[at + 1] === 0x67 && bytes[at + 2] === 0x67 && bytes[at + 3] === 0x53) return at;
  }
  return -1;
}

/** Returns the samples of a packet at 48 kHz, from its first two bytes (RFC 6716, section 3.1). */
function opusPacket(bytes: Uint8Array, at: number): number {
  const config = bytes[at] >> 3, code = bytes[at] & 3;
  const frame = config < 12
    ? [480, 960, 1920, 2880][config & 3]
    : config < 16
    ? [480, 960][config & 1]
    : [120, 240, 480, 960][config & 3];
  return Math.min(5760, frame * (code === 0 ? 1 : code < 3 ? 2 : bytes[at + 1] & 63));
}

/** Bit rates of layer III in kbit/s, of MPEG 1 and of MPEG 2 and 2.5. */
const BIT_RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/** Bytes that belong to no frame are passed over. */
function inMp3(bytes: Uint8Array): number {
  let seconds = 0;
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 4 <= bytes.length;) {
    const version = bytes[at + 1] >> 3 & 3, kind = version === 3 ? 0 : 1;
    const kbits = BIT_RATES[kind][bytes[at + 2] >> 4],
      base = [44_100, 48_000, 32_000][bytes[at + 2] >> 2 & 3];
    const isFrame = (bytes[at + 1] & 0xe6) === 0xe2 && version !== 1 && kbits > 0 && base > 0;
    const rate = base / (version === 3 ? 1 : version === 2 ? 2 : 4), samples = kind === 0 ? 1152 : 576;
    const length = isFrame ? Math.floor(samples / 8 * kbits * 1000 / rate) + (bytes[at + 2] >> 1 & 1) : 1;
    if (isFrame) seconds += samples / rate;
    at = bytes.indexOf(0xff, at + length);
  }
  return seconds;
}
