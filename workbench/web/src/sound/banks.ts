/** Which soundfont file holds a program, and fetching it: one SF3 a program, on demand. */
import { asText, type AssetLoader } from "../host/assets.js";

interface Index {
  readonly programs: readonly { readonly program: number; readonly name: string; readonly file: string }[];
  readonly drums: { readonly file: string; readonly kits: readonly number[]; readonly keys: readonly [number, number] };
}

/** What a channel is asked to play, as the soundfonts know it. */
export interface Voice { readonly file: string; readonly program: number }

export class BankFiles {
  private index: Promise<Index> | null = null;
  private known: Index | null = null;

  constructor(private readonly asset: AssetLoader) {}

  async prepare(): Promise<void> {
    this.index ??= this.asset("soundfonts/index.json").then((data) => JSON.parse(asText(data)) as Index);
    this.index.catch(() => (this.index = null));
    this.known = await this.index;
  }

  /** The file and program of an instrument; call `prepare` first. A drum kit that is not there is the standard one. */
  voice(program: number, isDrum: boolean): Voice {
    const index = this.known!;
    if (!isDrum) return { file: index.programs[program]!.file, program };
    return { file: index.drums.file, program: index.drums.kits.includes(program) ? program : 0 };
  }

  /** The key that sounds: drum keys outside the kit sound as its lowest or highest. */
  key(key: number, isDrum: boolean): number {
    if (!isDrum) return key;
    const [low, high] = this.known!.drums.keys;
    return Math.min(Math.max(key, low), high);
  }

  load(file: string): Promise<ArrayBuffer> {
    return this.asset(`soundfonts/${file}`);
  }
}
