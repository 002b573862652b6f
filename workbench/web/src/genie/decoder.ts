/**
 * The Genie's decoder: two LSTM layers, one step a press; the twin of `workbench/nets/genie_numpy.py`, where the
 * input rows and the arithmetic are described. Same weights file, equal within 1e-4.
 */
import { readMetadata, readSafetensors, type Tensor } from "./safetensors.js";

export const BUTTONS = 8;
export const KEYS = 88;
export const LOWEST_PITCH = 21;
export const TIME_BINS = 33;
const HIDDEN = 128;
const GATES = 4 * HIDDEN;
const LAYERS = 2;
const INPUTS = 147;
/** The models whose weights these may be, and the file of each. The first is that of weights which name none. */
export const MODELS: Readonly<Record<string, string>> = { "piano-genie": "genie.safetensors", "piano-genie-open": "genie-open.safetensors" };
export const modelOf = (name: unknown): string => (typeof name === "string" && Object.hasOwn(MODELS, name) ? name : "piano-genie");
const ROW = { button: 0, move: 1, direction: 2, key: 5, time: 94, root: 127, family: 139 } as const;

/** What the decoder is told at one press; -1 stands for none. */
export interface Step {
  readonly button: number;
  readonly lastButton: number;
  readonly lastKey: number;
  readonly timeBin: number;
  readonly root: number;
  readonly family: number;
}

/** Hidden and cell of both layers, [2 * 128] each; never changed in place. */
export interface State {
  readonly hidden: Float32Array;
  readonly cell: Float32Array;
}

const sigmoid = (x: number): number => 0.5 * Math.tanh(0.5 * x) + 0.5;

/** out[row] += weights[row] . vector, float32 results. */
function addProduct(out: Float32Array, weights: Float32Array, vector: Float32Array, from: number): void {
  for (let row = 0, at = 0; row < out.length; row++) {
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = from; i < from + HIDDEN; i += 4, at += 4) {
      a += weights[at]! * vector[i]!;
      b += weights[at + 1]! * vector[i + 1]!;
      c += weights[at + 2]! * vector[i + 2]!;
      d += weights[at + 3]! * vector[i + 3]!;
    }
    out[row]! += a + b + c + d;
  }
}

export class Decoder {
  private readonly rows: Float32Array;
  private readonly bias: Float32Array;
  private readonly outWeight: Float32Array;
  private readonly outBias: Float32Array;
  private readonly inputWeights: Float32Array[] = [];
  private readonly hiddenWeights: Float32Array[] = [];
  private readonly gateBiases: Float32Array[] = [];

  /** `model`: whose weights they are, which every take says. Throws if a tensor is missing or of another shape. */
  constructor(tensors: ReadonlyMap<string, Tensor>, readonly model = "piano-genie") {
    const take = (name: string, ...shape: number[]): Float32Array => {
      const tensor = tensors.get(name);
      if (!tensor || tensor.shape.join() !== shape.join() || !tensor.values.every(Number.isFinite)) {
        throw new Error("The Piano Genie's weights are not those this page knows; load the page again.");
      }
      return tensor.values;
    };
    this.rows = take("rows", INPUTS, HIDDEN);
    this.bias = take("bias", HIDDEN);
    this.outWeight = take("out.weight", KEYS, HIDDEN);
    this.outBias = take("out.bias", KEYS);
    for (let layer = 0; layer < LAYERS; layer++) {
      this.inputWeights.push(take(`lstm.weight_ih_l${layer}`, GATES, HIDDEN));
      this.hiddenWeights.push(take(`lstm.weight_hh_l${layer}`, GATES, HIDDEN));
      const second = take(`lstm.bias_hh_l${layer}`, GATES);
      this.gateBiases.push(take(`lstm.bias_ih_l${layer}`, GATES).map((value, i) => value + second[i]!));
    }
  }

  static read(data: ArrayBuffer): Decoder {
    return new Decoder(readSafetensors(data), modelOf(readMetadata(data, "model").replace(/ decoder$/, "")));
  }

  static start(): State {
    return { hidden: new Float32Array(LAYERS * HIDDEN), cell: new Float32Array(LAYERS * HIDDEN) };
  }

  private embed(step: Step): Float32Array {
    const out = this.bias.slice();
    const add = (row: number, factor = 1): void => {
      const at = row * HIDDEN;
      for (let i = 0; i < HIDDEN; i++) out[i]! += factor * this.rows[at + i]!;
    };
    add(ROW.button, Math.fround(step.button / 3.5 - 1));
    if (step.lastButton >= 0) {
      add(ROW.move, Math.fround((step.button - step.lastButton) / 3.5));
      add(ROW.direction + 1 + Math.sign(step.button - step.lastButton));
    }
    add(ROW.key + 1 + step.lastKey);
    add(ROW.time + step.timeBin);
    if (step.root >= 0) add(ROW.root + step.root);
    if (step.family >= 0) add(ROW.family + step.family);
    return out;
  }

  /** Logits of the next key, float32 [88], and the state after this press. */
  step(step: Step, state: State): { logits: Float32Array; state: State } {
    let signal = this.embed(step);
    const hidden = new Float32Array(LAYERS * HIDDEN);
    const cell = new Float32Array(LAYERS * HIDDEN);
    for (let layer = 0; layer < LAYERS; layer++) {
      const base = layer * HIDDEN;
      const gates = this.gateBiases[layer]!.slice();
      addProduct(gates, this.inputWeights[layer]!, signal, 0);
      addProduct(gates, this.hiddenWeights[layer]!, state.hidden, base);
      for (let i = 0; i < HIDDEN; i++) {
        const kept = sigmoid(gates[HIDDEN + i]!) * state.cell[base + i]!;
        cell[base + i] = kept + sigmoid(gates[i]!) * Math.tanh(gates[2 * HIDDEN + i]!);
        hidden[base + i] = sigmoid(gates[3 * HIDDEN + i]!) * Math.tanh(cell[base + i]!);
      }
      signal = hidden.slice(base, base + HIDDEN);
    }
    const logits = this.outBias.slice();
    addProduct(logits, this.outWeight, signal, 0);
    return { logits, state: { hidden, cell } };
  }
}

/** Bin 0 to 32 of the seconds since the last press. */
export function timeBin(seconds: number): number {
  return seconds < 10 ? Math.max(0, Math.min(TIME_BINS - 1, Math.floor(seconds * 31.25 + 0.5))) : TIME_BINS - 1;
}
