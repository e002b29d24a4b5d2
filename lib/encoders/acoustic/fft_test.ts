import { ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { fft } from "./fft.ts";

Deno.test("equals the defining sum for every kind of size", () => {
  const { normal } = random(1);
  for (const size of [1, 2, 3, 4, 8, 14, 45, 400, 512]) {
    const re = Float64Array.from({ length: size }, normal), im = Float64Array.from({ length: size }, normal);
    const [outRe, outIm] = [re.slice(), im.slice()];
    fft(size)(outRe, outIm);
    for (let j = 0; j < size; j++) {
      let sumRe = 0, sumIm = 0;
      for (let k = 0; k < size; k++) {
        const angle = -2 * Math.PI * j * k / size;
        sumRe += re[k] * Math.cos(angle) - im[k] * Math.sin(angle);
        sumIm += re[k] * Math.sin(angle) + im[k] * Math.cos(angle);
      }
      ok(Math.abs(sumRe - outRe[j]) < 1e-10 && Math.abs(sumIm - outIm[j]) < 1e-10, `size ${size}, bin ${j}`);
    }
  }
});
