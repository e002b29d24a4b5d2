import { registrations, registry } from "./registry.ts";
import { deepEqual, equal, throws } from "./testing/assert.ts";

interface Fruit {
  id: string;
  colour: string;
}

const fruits = () =>
  registry<Fruit>("a fruit", {
    builtIn: [{ id: "apple", colour: "red" }, { id: "pear", colour: "green" }],
    aliases: { pomme: "apple" },
  });

Deno.test("entries are found by id and alias, in the order in which they came", () => {
  const { add, all, get, has } = fruits();
  const before = registrations().length;
  add({ id: "plum", colour: "blue" });
  deepEqual(registrations().slice(before), [{ what: "a fruit", id: "plum" }]);
  deepEqual(all().map(({ id }) => id), ["apple", "pear", "plum"]);
  equal(get("pomme", "here").colour, "red");
  deepEqual([has("plum"), has("pomme"), has("toString"), has("kiwi")], [true, true, false, false]);
});

Deno.test("an unknown name is refused with the nearest", () => {
  throws(
    () => fruits().get("aple", "--fruit"),
    /Expected a fruit but found 'aple' at --fruit\. Did you mean apple\?/,
  );
  throws(() => fruits().get("constructor", "--fruit"), /Known are apple, pear\./);
});

Deno.test("a taken id is refused; an entry of the user's can be replaced on purpose, a built-in one never", () => {
  const { add, get } = fruits();
  add({ id: "plum", colour: "blue" });
  throws(
    () => add({ id: "plum", colour: "red" }),
    /'plum', which is registered already.*pass \{ replace: true \}/,
  );
  add({ id: "plum", colour: "red" }, { replace: true });
  equal(get("plum", "here").colour, "red");
  for (const id of ["apple", "pomme"]) {
    throws(() => add({ id, colour: "blue" }, { replace: true }), /which is built in.*Choose another id/);
  }
});

Deno.test("an id that could not be typed or be a folder is refused", () => {
  for (const id of ["", "My Method", "../up", "a/b", undefined as unknown as string]) {
    throws(() => fruits().add({ id, colour: "red" }), /whose id has only lower-case letters/);
  }
});
