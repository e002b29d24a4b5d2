/** SentencePiece unigram tokenizer over USE-Lite's vocabulary (Kudo 2018, "Subword Regularization", 3.2). */

/**
 * Pieces with their log probabilities; the index is the id. Six reserved ids come first, then the pieces by
 * descending probability.
 */
export type Vocabulary = readonly (readonly [piece: string, logProbability: number | null])[];

export interface Tokenizer {
  /** Returns the token ids of a text; none for an empty or blank text. */
  encode(text: string): number[];
}

/** Number of reserved ids, which no text has. */
export const RESERVED = 6;
/** Id of characters that no piece covers. */
export const UNKNOWN = 0;
/** Stands before each word of a text in place of its space. */
export const WORD_START = "\u2581";

/** A node in the prefix tree of all pieces. */
interface Node {
  next: Map<string, Node>;
  piece?: { id: number; score: number };
}

/**
 * Returns a tokenizer that finds the most probable split of a text (Viterbi). A run of unknown characters
 * becomes one id 0. White space is normalised as SentencePiece does: a run counts as one space, and the ends
 * are trimmed. The few pieces without a probability in the vocabulary (those with a colon) get that of the
 * piece before them.
 */
export function tokenizer(vocabulary: Vocabulary): Tokenizer {
  const root = tree(vocabulary);
  return {
    encode(text) {
      const words = text.normalize("NFKC").trim();
      return words === "" ? [] : viterbi(WORD_START + words.replace(/\s+/gu, WORD_START), root);
    },
  };
}

function tree(vocabulary: Vocabulary): Node {
  const root: Node = { next: new Map() };
  let score = 0;
  for (let id = RESERVED; id < vocabulary.length; id++) {
    const [piece, logProbability] = vocabulary[id];
    score = logProbability ?? score;
    let node = root;
    for (const unit of piece.split("")) {
      if (!node.next.has(unit)) node.next.set(unit, { next: new Map() });
      node = node.next.get(unit)!;
    }
    node.piece = { id, score };
  }
  return root;
}

/** Finds the best path over UTF-16 units. Both halves of an unknown character merge into one unknown id. */
function viterbi(text: string, root: Node): number[] {
  const best = new Float64Array(text.length + 1).fill(-Infinity);
  const from = new Int32Array(text.length + 1);
  const ids = new Int32Array(text.length + 1);
  best[0] = 0;
  const reach = (start: number, end: number, id: number, score: number) => {
    if (best[start] + score < best[end]) return;
    best[end] = best[start] + score;
    from[end] = start;
    ids[end] = id;
  };
  for (let start = 0; start < text.length; start++) {
    let known = false;
    for (let end = start, node = root.next.get(text[end]); node; node = node.next.get(text[end])) {
      end++;
      if (!node.piece) continue;
      reach(start, end, node.piece.id, node.piece.score);
      known = true;
    }
    if (!known) reach(start, start + 1, UNKNOWN, 0);
  }
  const path: number[] = [];
  for (let end = text.length; end > 0; end = from[end]) {
    if (ids[end] !== UNKNOWN || path.at(-1) !== UNKNOWN) path.push(ids[end]);
  }
  return path.reverse();
}
