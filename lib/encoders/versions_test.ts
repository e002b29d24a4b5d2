import { equal } from "../testing/assert.ts";
import { currentVersion, partsOf, savedVersion, withoutVersions } from "./versions.ts";

Deno.test("a name without a version is the newest, in saved runs the first", () => {
  equal(currentVersion("acoustic"), "acoustic@2");
  equal(savedVersion("acoustic"), "acoustic@1");
  equal(currentVersion("acoustic+prosody"), "acoustic@2+prosody");
  equal(savedVersion("prosody+acoustic"), "prosody+acoustic@1");
});

Deno.test("full names, other encoders and paths stay", () => {
  for (
    const name of ["acoustic@1", "acoustic@2", "none", "log-mel+prosody", "hf:acoustic", "features:acoustic"]
  ) {
    equal(currentVersion(name), name);
    equal(savedVersion(name), name);
  }
});

Deno.test("caches are named without versions, as before", () => {
  equal(withoutVersions("acoustic@1+prosody"), "acoustic+prosody");
  equal(withoutVersions("hf:models/x@2"), "hf:models/x@2");
  equal(partsOf("features:a+b.npz").length, 1);
});
