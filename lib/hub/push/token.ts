/** The token that may write to the hub: that of HF_TOKEN, or the one that `hf auth login` left. */
import { badInput } from "../../errors.ts";
import { tokenFile } from "../hf_home.ts";
import type { Hub } from "../hub.ts";

/** A hub to write to. Its token goes to the endpoint only. */
export type WritableHub = Hub & { token: string };

/**
 * Returns the hub with a token to write with. No message holds the token. Throws UndertoneError if there is
 * none.
 */
export async function withToken(hub: Hub, file = tokenFile()): Promise<WritableHub> {
  const kept = hub.token ?? (file && (await Deno.readTextFile(file).catch(() => "")).trim());
  const at = hub.token || !file ? "HF_TOKEN" : `HF_TOKEN, or ${file}`;
  const todo =
    `Make a token with write access at ${hub.endpoint}/settings/tokens. Then set HF_TOKEN to it, or ` +
    "log in with 'hf auth login'.";
  if (!kept) throw badInput({ expected: "a token that may write to the hub", found: "none", at, todo });
  if (!/^hf_[\w.-]+$/.test(kept)) {
    throw badInput({ expected: "a token, which starts with hf_", found: "another text", at, todo });
  }
  return { ...hub, token: kept };
}
