/** The weights that a logged take of the Genie was played on, where this server gives them out. */
import { Decoder, MODELS, modelOf } from "../genie/decoder.js";
import type { Layer } from "../genie/take.js";
import type { AssetLoader } from "../host/assets.js";
import { t } from "../strings/index.js";

/** A reader with a memory. It rejects with one sentence where the owner offers other weights than those of the take. */
export function weightsOf(asset: AssetLoader): (layer: Pick<Layer, "model">) => Promise<Decoder> {
  const known = new Map<string, Promise<Decoder>>();
  return async (layer) => {
    const model = modelOf(layer.model);
    let coming = known.get(model);
    if (!coming) known.set(model, (coming = asset(MODELS[model]!).then((data) => Decoder.read(data))));
    const decoder = await coming;
    if (decoder.model !== model) throw new Error(t("replay.genieWeights", { model }));
    return decoder;
  };
}
