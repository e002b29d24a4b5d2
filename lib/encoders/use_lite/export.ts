/** USE-Lite for exported files: its layers in standard operators, and its tokenizer as tokenizer.json. */
import { type EncoderGraph, feedTokens, TOKEN_PORTS } from "../graph_inputs.ts";
import { encodeGraph, graphBuilder, type Ops, type Value } from "../onnx_graph/builder.ts";
import { type AttentionInputs, HEADS, MAX_LENGTH, tokenStates, WIDTH } from "./graph.ts";
import { tokenizer } from "./tokenizer.ts";
import { tokenizerFile } from "./tokenizer_file.ts";
import type { Package } from "./weights.ts";

/** Added to the scores of padding, as ONNX Runtime's attention does: far below any real score. */
const MASKED = -10000;

const TIES =
  "Of two splits that are equally probable, the encoder takes the one whose last token is shorter; " +
  "tokenizer.json may take the other. They have the same ids in another order, and occur in runs of one " +
  "letter or sign such as 'Ohhhhh'.";

/** Returns the graph from ids and mask, int64 `[B,L]` with any L, to token states. Cuts tokens after 128. */
export function useLiteExport(files: Package): EncoderGraph<string> {
  const ops = graphBuilder(), { slice, where, equal, range, size, cast, tensor, expand, concat } = ops;
  const [given, attended] = TOKEN_PORTS.map(({ name }): Value => ({ name, type: "int64" }));
  // One column of padding more, so that a batch of blank texts has a length.
  const column = expand(tensor("int64", [0], [1, 1]), size(given, 0), 1);
  const cut = (x: Value) => slice(concat([x, column], 1), 0, MAX_LENGTH, 1);
  const absent = equal(cut(attended), 0), mask = where(absent, tensor("int64", [0], []), 1);
  const ids = where(absent, 0, cut(given));
  const states = tokenStates(
    ops,
    files,
    { ids, positions: range(size(ids, 1)), mask: cast(mask, "float32") },
    attention,
  );
  const { encode } = tokenizer(files.vocabulary), length = "text_length";
  return {
    ports: TOKEN_PORTS,
    about: { max_tokens: MAX_LENGTH, token_ids: TIES },
    tokenizer: tokenizerFile(files.vocabulary, MAX_LENGTH),
    rowOf: (text) => encode(text).slice(0, MAX_LENGTH),
    feed: feedTokens,
    model: encodeGraph(ops.graph(
      [[given, ["batch", "tokens"]], [attended, ["batch", "tokens"]]],
      [["states", states, ["batch", length, WIDTH]], ["mask", mask, ["batch", length]]],
    )),
  };
}

/** softmax(q kᵀ / √d) v in each head. `mask` is float32. */
function attention(ops: Ops, { x, width, kernel, bias, mask }: AttentionInputs): Value {
  const { add, sub, mul, div, matMul, many, op, reshape, transpose, unsqueeze, size } = ops;
  const [batch, length] = [size(x, 0), size(x, 1)], part = width / HEADS;
  const [q, k, v] = many("Split", [add(matMul(x, kernel), bias)], 3, {
    attributes: { axis: 2, num_outputs: 3 },
  })
    .map((each) => reshape(each, batch, length, HEADS, part));
  const scores = div(matMul(transpose(q, 0, 2, 1, 3), transpose(k, 0, 2, 3, 1)), Math.sqrt(part));
  const padding = mul(sub(1, unsqueeze(unsqueeze(mask, 1), 1)), MASKED);
  const weights = op("Softmax", [add(scores, padding)], { attributes: { axis: 3 } });
  return reshape(transpose(matMul(weights, transpose(v, 0, 2, 1, 3)), 0, 2, 1, 3), batch, length, width);
}
