/** Where Hugging Face's own libraries keep models and the token, by their variables of the environment. */
import { join } from "node:path";

/** Returns a variable of the environment, or undefined if it is not set or may not be read. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

const home = () => variable("HOME") ?? variable("USERPROFILE");

/** Returns a path with the home folder in place of `~`. */
const whole = (path: string): string => path.replace(/^~(?=[\\/]|$)/, (tilde) => home() ?? tilde);

/** Returns the folder of Hugging Face's libraries as they find it; undefined without a home folder. */
function huggingFaceHome(): string | undefined {
  const of = variable("HF_HOME");
  if (of) return whole(of);
  const own = home(), caches = variable("XDG_CACHE_HOME") ?? (own && join(own, ".cache"));
  return caches && join(whole(caches), "huggingface");
}

/** Returns the folder of the cache as Hugging Face's libraries find it; undefined without a home folder. */
export function hubCache(): string | undefined {
  const said = variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE");
  if (said) return whole(said);
  const home = huggingFaceHome();
  return home && join(home, "hub");
}

/** Returns the file in which Hugging Face's libraries keep the token of `hf auth login`. */
export function tokenFile(): string | undefined {
  const said = variable("HF_TOKEN_PATH"), home = huggingFaceHome();
  return said ? whole(said) : home && join(home, "token");
}
