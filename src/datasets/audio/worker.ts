import { keepLast } from '../../data/keep-last.js';
import { readWhole } from '../../io/file.js';
import { serve, Transfer } from '../../runtime/thread.js';
import { heardOf, padded } from './clip.js';
import { decode } from './decode.js';
import { logMel } from './log-mel.js';
import type { ClipOptions, MelOptions } from './options.js';

export interface OpenRequest {
  readonly clip: ClipOptions;
  readonly mel?: MelOptions;
}

export interface ClipRequest {
  readonly path: string;
  /** In seconds. */
  readonly start: number;
}

let clip: ClipOptions;
let features = (waveform: Float32Array) => waveform;

/** The last file is kept: a long recording often has many items, one after the other. */
const soundOf = keepLast((path) => readWhole(path).then(decode));

async function heard({ path, start }: ClipRequest): Promise<Float32Array> {
  return heardOf(await soundOf(path), start, clip);
}

function handedOver(values: Float32Array): Transfer<Float32Array> {
  return new Transfer(values, [values.buffer as ArrayBuffer]);
}

// What the decoders say there they also return.
console.error = () => {};

serve({
  open(request: OpenRequest): void {
    clip = request.clip;
    if (request.mel) features = logMel(request.mel);
  },

  /** What the model takes. */
  async load(request: ClipRequest): Promise<Transfer<Float32Array>> {
    return handedOver(features(padded(await heard(request), clip)));
  },

  /** What it hears, as a waveform that is not padded. */
  async listen(request: ClipRequest): Promise<Transfer<Float32Array>> {
    return handedOver(await heard(request));
  },
});
