/**
 * How loud the browser's synthesiser plays every program: the reference for the Python renderer's levels.
 *
 * Usage: node make_reference_levels.mjs, from a folder where spessasynth_core is installed (workbench/web).
 * Writes reference_levels.json beside this file: root mean square in dB over the first half second of a held note,
 * by program (and "drums"), key and velocity, with volume 127 and without effects.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const require = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
const { SoundBankLoader, SpessaSynthProcessor } = await import(require.resolve("spessasynth_core"));

const RATE = 44100;
const FRAMES = RATE / 2;
const KEYS = [43, 60, 76];
const VELOCITIES = [40, 100];
const DRUM_KEYS = [35, 38, 42, 46, 49, 56, 70];
const fonts = new URL("../../workbench/web/public/soundfonts/", import.meta.url);

async function synthesiser(file) {
  const data = readFileSync(new URL(file, fonts));
  const synth = new SpessaSynthProcessor(RATE, { eventsEnabled: false });
  await synth.processorInitialized;
  synth.setSystemParameter("effectsEnabled", false);
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  synth.soundBankManager.addSoundBank(SoundBankLoader.fromArrayBuffer(bytes), "bank");
  return synth;
}

function level(synth, channel, key, velocity) {
  const left = new Float32Array(FRAMES);
  const right = new Float32Array(FRAMES);
  synth.noteOn(channel, key, velocity);
  for (let start = 0; start < FRAMES; start += 128) {
    synth.process(left, right, start, Math.min(128, FRAMES - start));
  }
  synth.stopAllChannels(true);
  const rest = new Float32Array(128);
  for (let turn = 0; turn < 8; turn++) synth.process(rest, new Float32Array(128), 0, 128);
  let sum = 0;
  for (let n = 0; n < FRAMES; n++) sum += left[n] ** 2 + right[n] ** 2;
  return Math.round(100 * 10 * Math.log10(sum / (2 * FRAMES) + 1e-12)) / 100;
}

const levels = {};
for (let program = 0; program < 128; program++) {
  const synth = await synthesiser(`${String(program).padStart(3, "0")}.sf3`);
  synth.programChange(0, program);
  synth.controllerChange(0, 7, 127);
  const name = (key, velocity) => `${program} ${key} ${velocity}`;
  for (const key of KEYS) for (const velocity of VELOCITIES) levels[name(key, velocity)] = level(synth, 0, key, velocity);
}
const drums = await synthesiser("drums.sf3");
drums.controllerChange(9, 7, 127);
for (const key of DRUM_KEYS) {
  for (const velocity of VELOCITIES) levels[`drums ${key} ${velocity}`] = level(drums, 9, key, velocity);
}
writeFileSync(new URL("reference_levels.json", import.meta.url), `${JSON.stringify(levels, null, 0).replaceAll(",", ",\n")}\n`);
