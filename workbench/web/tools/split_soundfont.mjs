/**
 * Split a General MIDI sound bank (SF3) into one small SF3 per program and one for the drum kits.
 *
 * A browser then loads only the instruments that a piece uses, and the Python renderer reads the same files.
 * No sample is decoded or encoded again; the Vorbis data is copied as it is. Where a preset does not cover the
 * whole keyboard its outermost zones are stretched to keys 0 and 127, so that no note is ever silent.
 *
 * Usage: node split_soundfont.mjs FluidR3Mono_GM.sf3 LICENCE OUTPUT_FOLDER
 *
 * Writes 000.sf3 ... 127.sf3, drums.sf3, LICENSE.md (a copy of LICENCE) and index.json (program -> file, bytes,
 * sha256, name; kits; keys). The result depends on the input alone: two runs give equal bytes.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BasicSoundBank, SoundBankLoader } from "spessasynth_core";

/** Drum kits of General Standard that are kept; any other kit number plays kit 0. */
const KITS = [0, 8, 16, 24, 25, 32, 40, 48];
const DRUM_KEYS = [27, 87];

const [sourcePath, licencePath, outputFolder] = process.argv.slice(2);
if (!outputFolder) {
  console.error("Usage: node split_soundfont.mjs FluidR3Mono_GM.sf3 LICENCE OUTPUT_FOLDER");
  process.exit(1);
}

const bytes = readFileSync(sourcePath);
const source = SoundBankLoader.fromArrayBuffer(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

/** The range of keys of a zone as [low, high]; a zone without one covers all keys. */
function keys(zone) {
  return zone.hasKeyRange ? [zone.keyRange.min, zone.keyRange.max] : [0, 127];
}

/** Stretch the lowest zones down to key 0 and the highest up to key 127. */
function coverKeyboard(zones) {
  const lowest = Math.min(...zones.map((zone) => keys(zone)[0]));
  const highest = Math.max(...zones.map((zone) => keys(zone)[1]));
  for (const zone of zones) {
    const [low, high] = keys(zone);
    if (low === lowest && low > 0) zone.keyRange = { min: 0, max: high };
    if (high === highest && high < 127) zone.keyRange = { min: keys(zone)[0], max: 127 };
  }
}

/** A bank that holds copies of some presets and nothing else. */
function bankOf(presets, stretch) {
  const bank = new BasicSoundBank();
  bank.soundBankInfo = { ...source.soundBankInfo };
  for (const preset of presets) bank.clonePreset(preset);
  if (stretch) {
    for (const instrument of bank.instruments) coverKeyboard(instrument.zones);
    for (const preset of bank.presets) coverKeyboard(preset.zones);
  }
  bank.flush();
  return bank;
}

/** Keys of a preset that have no sample at some velocity. */
function silentKeys(preset) {
  const silent = [];
  for (let key = 0; key < 128; key++) {
    for (let velocity = 1; velocity < 128; velocity++) {
      if (preset.getVoiceParameters(key, velocity).length === 0) {
        silent.push(key);
        break;
      }
    }
  }
  return silent;
}

function save(name, bank) {
  const data = Buffer.from(bank.writeSF2({ compress: false }));
  writeFileSync(join(outputFolder, name), data);
  return { file: name, bytes: data.length, sha256: createHash("sha256").update(data).digest("hex") };
}

mkdirSync(outputFolder, { recursive: true });
const index = { source: source.soundBankInfo.name, programs: [], drums: {} };
for (let program = 0; program < 128; program++) {
  const preset = source.presets.find((item) => !item.isGMGSDrum && item.program === program && item.bankMSB === 0);
  const bank = bankOf([preset], true);
  const silent = silentKeys(bank.presets[0]);
  if (silent.length > 0) throw new Error(`Program ${program} is silent at keys ${silent.join(", ")}.`);
  const name = `${String(program).padStart(3, "0")}.sf3`;
  index.programs.push({ program, name: preset.name, ...save(name, bank) });
}

const kits = source.presets.filter((preset) => preset.isGMGSDrum && KITS.includes(preset.program));
const drums = bankOf(kits, false);
const holes = {};
for (const kit of drums.presets) {
  const silent = silentKeys(kit).filter((key) => key >= DRUM_KEYS[0] && key <= DRUM_KEYS[1]);
  if (silent.length > 0) holes[kit.program] = silent;
}
if (holes[0]) throw new Error(`The standard kit is silent at keys ${holes[0].join(", ")}.`);
index.drums = { ...save("drums.sf3", drums), kits: KITS, keys: DRUM_KEYS, silent: holes };
writeFileSync(join(outputFolder, "index.json"), `${JSON.stringify(index, null, 1)}\n`);
writeFileSync(join(outputFolder, "LICENSE.md"), readFileSync(licencePath));
const total = index.drums.bytes + index.programs.reduce((sum, item) => sum + item.bytes, 0);
console.log(`${index.programs.length} programs and ${KITS.length} drum kits, ${(total / 1e6).toFixed(1)} MB`);
