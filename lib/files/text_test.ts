import { random } from "../random.ts";
import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { decodeText, isEncoding, wholeText } from "./text.ts";

/** Sentences and their bytes as Python 3.13 encodes them: `text.encode(name).hex()`. */
const ENCODED: Record<string, [text: string, hex: string]> = {
  gb18030: [
    "你到底在做什么？我真的很生气，别再这样了",
    "c4e3b5bdb5d7d4dad7f6cab2c3b4a3bfced2d5e6b5c4badcc9fac6f8a3acb1f0d4d9d5e2d1f9c1cb",
  ],
  big5: [
    "你到底在做什麼？我真的很生氣，別再這樣了",
    "a741a8eca9b3a662b0b5a4b0bbf2a148a7daaf75aabaabdca5cdaef0a141a74fa641b36fbccba446",
  ],
  shift_jis: [
    "一体何をしているの？本当に怒っているよ、やめて",
    "88ea91cc89bd82f082b582c482a282e982cc8148967b939682c9937b82c182c482a282e982e6814182e282df82c4",
  ],
  "euc-jp": [
    "一体何をしているの？本当に怒っているよ、やめて",
    "b0ecc2ceb2bfa4f2a4b7a4c6a4a4a4eba4cea1a9cbdcc5f6a4cbc5dca4c3a4c6a4a4a4eba4e8a1a2a4e4a4e1a4c6",
  ],
  "iso-2022-jp": [
    "一体何をしているの？本当に怒っているよ、やめて",
    "1b2442306c424e323f2472243724462424246b244e21294b5c4576244b455c244324462424246b246821222464246124461b2842",
  ],
  "euc-kr": [
    "도대체 뭐 하는 거야? 정말 화가 나, 그만해",
    "b5b5b4ebc3bc20b9b920c7cfb4c220b0c5bedf3f20c1a4b8bb20c8adb0a120b3aa2c20b1d7b8b8c7d8",
  ],
  "koi8-r": [
    "Что ты делаешь? Я очень злюсь, перестань",
    "fed4cf20d4d920c4c5ccc1c5dbd83f20f120cfdec5ced820daccc0d3d82c20d0c5d2c5d3d4c1ced8",
  ],
  "windows-1251": [
    "Что ты делаешь? Я очень злюсь, перестань",
    "d7f2ee20f2fb20e4e5ebe0e5f8fc3f20df20eef7e5edfc20e7ebfef1fc2c20efe5f0e5f1f2e0edfc",
  ],
  "windows-1252": [
    "Ça ne me plaît pas du tout – vraiment, arrête",
    "c761206e65206d6520706c61ee742070617320647520746f7574209620767261696d656e742c20617272ea7465",
  ],
};

const bytesOf = (hex: string) => Uint8Array.fromHex(hex);
const utf8 = (text: string) => new TextEncoder().encode(text);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const utf16 = (text: string, littleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
};

Deno.test("a file in another encoding is refused with its line and a guess, and read if the encoding is named", () => {
  for (const [encoding, [text, hex]] of Object.entries(ENCODED)) {
    const file = joined(utf8("id,text\na,"), bytesOf(hex), utf8("\nb,"), bytesOf(hex), utf8("\n"));
    throws(
      () => decodeText(file, "x.csv"),
      new RegExp(`Save it as UTF-8, .*--encoding ${encoding}, which reads “[^“]*${text.slice(0, 9)}`),
    );
    if (encoding !== "iso-2022-jp") throws(() => decodeText(file, "x.csv"), /the byte [\dA-F]{2} .*line 2\./);
    equal(decodeText(file, "x.csv", encoding).text, `id,text\na,${text}\nb,${text}\n`);
  }
});

Deno.test("UTF-16 is detected by its mark or its zero bytes, and refused if it is damaged", () => {
  const text = "id,text\na,Ça 你好 𠮷一\n";
  for (const little of [true, false]) {
    const plain = utf16(text, little), encoding = little ? "utf-16le" : "utf-16be";
    const marked = utf16("\ufeff" + text, little);
    deepEqual(decodeText(marked, "x.csv"), { text, broken: [], encoding, notes: [] });
    equal(decodeText(marked, "x.csv", "utf-16").text, text);
    const { text: read, notes } = decodeText(plain, "x.csv");
    deepEqual([read, notes.length], [text, 1]);
    equal(decodeText(plain, "x.csv", encoding).text, text);
    throws(() => decodeText(plain.subarray(0, -1), "x.csv"), /found half a character at x.csv, line 2/);
    throws(() => decodeText(marked, "x.csv", "gb18030"), /byte order mark of utf-16.e at x.csv/);
  }
  throws(() => decodeText(bytesOf("fffe000061000000"), "x.csv"), /found NUL characters at x.csv, line 1/);
  throws(() => decodeText(utf16("\ufeffa\ud800b", true), "x.csv"), /found half a character/);
});

Deno.test("single invalid lines of a UTF-8 file are reported with their first bad byte", () => {
  const lines = ["id,text", "a,Ça plaît", "b,très bien", "c,là", "d,déjà"].map(utf8);
  const file = (bad: string, end: string) =>
    joined(...lines.flatMap((line) => [line, utf8(end)]), utf8("e,"), bytesOf(bad), utf8(`!${end}f,né`));
  for (const end of ["\n", "\r\n", "\r"]) {
    for (const [bad, byte] of [["c3", 0xc3], ["e282", 0xe2], ["c3a9ff", 0xff], ["eda080", 0xed]] as const) {
      const { broken, text, notes } = decodeText(file(bad, end), "x.csv");
      deepEqual([broken, notes], [[{ line: 6, byte }], []]);
      deepEqual(text.split(end).toSpliced(5, 1), [
        "id,text",
        "a,Ça plaît",
        "b,très bien",
        "c,là",
        "d,déjà",
        "f,né",
      ]);
    }
  }
});

Deno.test("an invalid line in an ASCII file is reported with a guess of its encoding", () => {
  const { broken, notes } = decodeText(joined(utf8("id,text\na,b\nc,"), bytesOf("c4e3bac3")), "x.csv");
  deepEqual(broken, [{ line: 3, byte: 0xc4 }]);
  ok(
    /no character beyond ASCII that is valid utf-8\. .* --encoding gb18030, which reads “c,你好”/.test(
      notes[0],
    ),
    notes[0],
  );
});

Deno.test("a file with a UTF-8 mark is UTF-8, however many of its lines are invalid", () => {
  const { broken, notes } = decodeText(bytesOf("efbbbf69640a63e10a63e20a63e3"), "x.csv");
  deepEqual([broken.map(({ line }) => line), notes], [[2, 3, 4], []]);
});

Deno.test("text read in another encoding that is valid UTF-8 gets a note", () => {
  const { text, notes } = decodeText(utf8("é"), "x.csv", "latin1");
  deepEqual([text, notes], ["Ã©", [
    "x.csv was read as windows-1252, as requested; it is valid UTF-8, too.",
  ]]);
  deepEqual(decodeText(utf8("e"), "x.csv", "latin1").notes, []);
});

Deno.test("wholeText names the first invalid line", () => {
  equal(wholeText(utf8("\ufeff{}"), "x.json"), "{}");
  equal(wholeText(utf16("\ufeff{}", true), "x.json"), "{}");
  equal(wholeText(utf16("{}", false), "x.json"), "{}");
  throws(
    () => wholeText(joined(utf8('{\n"é": "'), bytesOf("e9"), utf8('"}')), "x.json"),
    /^UndertoneError: Expected text in UTF-8 but found the byte E9 at x.json, line 2. Save it as UTF-8.$/,
  );
});

Deno.test("encodings have the names of the web standard", () => {
  for (const name of ["utf-8", "GBK", "sjis", "latin1", "utf-16be"]) ok(isEncoding(name), name);
  for (const name of ["", "utf-7", "utf8x", "hz-gb-2312"]) ok(!isEncoding(name), name);
});

Deno.test("texts in any encoding are decoded correctly or refused", () => {
  const { integer } = random(7);
  for (const [encoding, [text]] of Object.entries(ENCODED)) {
    const pool = [...text], encode = encoderOf(encoding, pool);
    for (let trial = 0; trial < 60; trial++) {
      const lines = Array.from(
        { length: 1 + integer(12) },
        () => Array.from({ length: 3 + integer(20) }, () => pool[integer(pool.length)]).join(""),
      );
      const file = joined(utf8("id,text"), ...lines.flatMap((line) => [utf8("\n"), encode(line)]));
      equal(decodeText(file, "x.csv", encoding).text, ["id,text", ...lines].join("\n"));
      let unnamed;
      try {
        unnamed = decodeText(file, "x.csv");
      } catch {
        continue;
      }
      const broken = new Set(unnamed.broken.map(({ line }) => line));
      unnamed.text.split("\n").slice(1).forEach((read, i) => {
        if (!broken.has(i + 2)) equal(read, lines[i], encoding);
      });
    }
  }
});

/** Encodes characters by looking for the bytes that decode to them. */
function encoderOf(encoding: string, pool: readonly string[]): (text: string) => Uint8Array {
  const decoder = new TextDecoder(encoding), table = new Map<string, string>(), wanted = new Set(pool);
  const [open, close] = encoding === "iso-2022-jp" ? ["1b2442", "1b2842"] : ["", ""];
  const [low, high] = open ? [0x21, 0x7e] : [0x40, 0xfe];
  const add = (hex: string) => {
    const char = decoder.decode(bytesOf(hex));
    if (wanted.has(char) && !table.has(char)) table.set(char, hex);
  };
  const digits = (byte: number) => byte.toString(16).padStart(2, "0");
  for (let byte = 0x20; byte < 0x100; byte++) add(digits(byte));
  for (let a = open ? low : 0x81; a <= high; a++) {
    for (let b = low; b <= high; b++) add(open + digits(a) + digits(b) + close);
  }
  return (text) =>
    bytesOf([...text].map((char) => table.get(char)!).join("").replaceAll(close + open || " ", ""));
}
