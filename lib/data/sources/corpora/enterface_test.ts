import { deepEqual, match } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const TOLD = "The words tell the label: each sentence is said in one emotion alone.";

Deno.test("eNTERFACE'05 whole: folders give subject, emotion and sentence", async () => {
  const folder = await miniature(clipsAt(
    "enterface database/subject 1/anger/sentence 1/s1_an_1.avi",
    "enterface database/subject 1/disgust/sentence 2/s1_di_2.avi",
    "enterface database/subject 1/fear/sentence 3/s1_fe_3.avi",
    "enterface database/subject 2/happiness/sentence 4/s2_ha_4.avi",
    "enterface database/subject 2/sadness/sentence 5/s2_sa_5.avi",
    "enterface database/subject 2/surprise/sentence 1/s2_su_1.avi",
  ));
  const { name, labels, rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual([name, rejected, notes], ["eNTERFACE'05", [], [TOLD]]);
  deepEqual(labels, ["anger", "disgust", "fear", "joy", "sadness", "surprise"]);
  deepEqual(rows.map(({ id, label, speaker, text }) => [id, label, speaker, text]), [
    ["s1_an_1", "anger", "s1", "What??? No, no, no, listen! I need this money!"],
    ["s1_di_2", "disgust", "s1", "Something is moving inside my plate"],
    ["s1_fe_3", "fear", "s1", "Please don't kill me..."],
    ["s2_ha_4", "joy", "s2", "I'm so lucky!"],
    ["s2_sa_5", "sadness", "s2", "He (she) was my life"],
    ["s2_su_1", "surprise", "s2", "You have never told me that!"],
  ]);
  const below = await loadDataset(`${folder}/enterface database/subject 2/surprise`, { labelled: false });
  deepEqual(below.rows.map(({ id, audio }) => [id, audio]), [["s2_su_1", "sentence 1/s2_su_1.avi"]]);
});

Deno.test("eNTERFACE'05 with its faults: wrong names, subject 6 uncut, subject 23 incomplete", async () => {
  const folder = await miniature(clipsAt(
    "subject 11/anger/sentence 1/s12_an_1.avi",
    "subject 12/anger/sentence 1/s12_an_1.avi",
    "subject 16/surprise/sentence 3/s16_su_3avi.avi",
    "subject 23/fear/sentence 5/s23_fe_5.avi",
    "subject 3/happiness/sentence 1/s_3_ha_1.avi",
    "subject 4/sadness/s4_sa_2.wav",
    "subject 4/sadness/take.wav",
    "subject 6/anger/s6_an.avi",
    "subject 6/fear/s6_fe.avi",
    "subject 7/bored/s7_bo_1.avi",
  ));
  const { rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual(rows.map(({ id, label, speaker, text }) => [id, label, speaker, text]), [
    ["s11_an_1", "anger", "s11", "What??? No, no, no, listen! I need this money!"],
    ["s12_an_1", "anger", "s12", "What??? No, no, no, listen! I need this money!"],
    ["s16_su_3", "surprise", "s16", "Wahoo, I would never have believed this!"],
    ["s23_fe_5", "fear", "s23", "I have nothing to give you! Please don't hurt me!"],
    ["s3_ha_1", "joy", "s3", "That's great, I'm rich now!!!"],
    ["s4_sa_2", "sadness", "s4", "Oh no, tell me this is not true, please!"],
  ]);
  deepEqual(rejected.map(({ id }) => id), ["s4_sa_take", "s6_an_s6_an", "s6_fe_s6_fe"]);
  match(rejected[0].reason, /^no sentence: neither a folder nor the name 'take' tells its number$/);
  match(rejected[1].reason, /^not cut: one recording of subject 6 holds several sentences$/);
  deepEqual(notes, [
    TOLD,
    "Subject 23 has 1 of its 30 clips.",
    "Ignored 1 other clip, e.g. subject 7/bored/s7_bo_1.avi.",
  ]);
});
