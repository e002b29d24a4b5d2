/** `deno task check-method`: runs the conformance suite on your own fusion methods or the built-in ones. */
import { badInput } from "../lib/errors.ts";
import { type FusionMethod, fusionMethod, fusionMethods } from "../lib/fusion/mod.ts";
import { type Check, checkFusionMethod, checksText } from "../lib/testing.ts";
import { useModules } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

const flags = trainConfig.pick({ options: true, engine: true, device: true, threads: true });

export const task: Task = {
  name: "check-method",
  words: "<module.ts or method> …",
  summary:
    "Checks fusion methods: gradients, padding, batches, missing modalities, seeds, leaks, kernels and more.",
  flags,
  examples: [
    ["deno task check-method my_head.ts", "all methods that the module registers"],
    ["deno task check-method my_head.ts --options.width=8", "with an option changed"],
    ["deno task check-method memocmt early_fusion", "methods by name"],
  ],
  notes: "The exit code is 1 if a check fails.",

  async run(args, signal, json) {
    const { words, rest } = splitWords(flags, args);
    const { options, engine, device, threads } = parseFlags(flags, rest);
    if (words.length === 0) {
      throw badInput({
        expected: "a module that registers fusion methods, or the name of a method",
        found: "nothing",
        at: "the command line",
        todo: "Write deno task check-method my_head.ts.",
      });
    }
    const all: Record<string, Check[]> = {};
    for (const method of await methodsOf(words)) {
      signal.throwIfAborted();
      const start = performance.now();
      const checks = await checkFusionMethod(method, { options, engine: { engine, device, threads } });
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const passed = checks.filter((check) => check.passed).length;
      console.log(`${method.id}: ${passed} of ${checks.length} checks passed, in ${seconds} s`);
      console.log(`${checksText(checks)}\n`);
      all[method.id] = checks;
    }
    json(all);
    return Object.values(all).flat().every(({ passed }) => passed) ? 0 : 1;
  },
};

/** Returns the methods that these words name, or that the modules at these paths register. */
async function methodsOf(words: readonly string[]): Promise<FusionMethod[]> {
  const methods: FusionMethod[] = [];
  for (const word of words) {
    if (!/[./\\]/.test(word)) {
      methods.push(fusionMethod(word, "the command line"));
      continue;
    }
    const [module] = await useModules([word]), ids = module.registers.map(({ id }) => id);
    const registered = fusionMethods.filter(({ id }) => ids.includes(id));
    if (registered.length === 0) {
      throw badInput({
        expected: "a module that registers a fusion method",
        found: "a module that registers none",
        at: word,
        todo: "Call registerFusionMethod({ … }) in it, imported from @undertone/undertone.",
      });
    }
    methods.push(...registered);
  }
  return methods;
}

if (import.meta.main) await main(task);
