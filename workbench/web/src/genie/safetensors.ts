/** Reading a safetensors file: eight bytes of length, a JSON header, then the tensors' bytes. */

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const MAX_HEADER = 1 << 20;

/** IEEE 754 half precision to a number. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function decode(type: string, bytes: DataView): Float32Array {
  const width = type === "F16" ? 2 : 4;
  const values = new Float32Array(bytes.byteLength / width);
  for (let i = 0; i < values.length; i++) {
    values[i] = type === "F16" ? halfToFloat(bytes.getUint16(2 * i, true)) : bytes.getFloat32(4 * i, true);
  }
  return values;
}

/** What a file says about itself under a name of its metadata; "" where it says nothing. */
export function readMetadata(data: ArrayBuffer, name: string): string {
  const length = Number(new DataView(data).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, length))) as { __metadata__?: Record<string, unknown> };
  const value = header.__metadata__?.[name];
  return typeof value === "string" ? value : "";
}

/** Tensors of types F16 and F32 by name, all as float32; throws if the bytes are no such file. */
export function readSafetensors(data: ArrayBuffer): Map<string, Tensor> {
  const damaged = new Error("The model's file is damaged; load the page again.");
  if (data.byteLength < 10) throw damaged;
  const length = Number(new DataView(data).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > data.byteLength) throw damaged;
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, length))) as typeof header;
  } catch {
    throw damaged;
  }
  const out = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [from, to] = entry.data_offsets;
    const width = { F16: 2, F32: 4 }[entry.dtype];
    const count = entry.shape.reduce((product, size) => product * size, 1);
    if (!width || from < 0 || to - from !== count * width || 8 + length + to > data.byteLength) throw damaged;
    out.set(name, { shape: entry.shape, values: decode(entry.dtype, new DataView(data, 8 + length + from, to - from)) });
  }
  return out;
}
