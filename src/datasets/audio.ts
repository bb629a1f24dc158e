import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';
import { keepLast } from '../data/keep-last.js';
import { described } from '../models/tensor-info.js';
import { built } from '../runtime/built.js';
import { Pool } from '../runtime/pool.js';
import { Thread } from '../runtime/thread.js';
import { arrayInput, inputTakes, itemBytes, stack } from './array-input.js';
import { framesOf } from './audio/log-mel.js';
import { parseAudioOptions } from './audio/options.js';
import { startTimes } from './audio/start-times.js';
import { wavFile } from './audio/wav-file.js';
import type { ClipRequest, OpenRequest } from './audio/worker.js';
import type { Dataset } from './dataset.js';
import { hashFile } from './file-hash.js';
import { itemFiles } from './item-files.js';
import type { ItemTable } from './item-table.js';
import type { ItemPlaces, Modality } from './modality.js';

/** Threads that decode; more than a model can keep up with are of no use. */
const MOST_THREADS = 4;

/** A report plays at most so much of a clip. */
const SHOWN_SECONDS = 10;

/**
 * Sounds: the files in the column `path` (WAV, FLAC, MP3, or Ogg with Vorbis, Opus or FLAC, told by their first bytes), from the column `start_time` on, in
 * seconds. Channels are averaged, the sample rate converted, and clips made equally long: longer ones are cut, shorter ones padded with zeros on the
 * left, as in OML.
 *
 * Options (`input` of the model's description): `sample-rate` (16000 Hz), `seconds` (3), `features`: `waveform` (default), for an input [batch, samples]
 * or [batch, 1, samples], or `log-mel`, for [batch, mels, frames] or [batch, 1, mels, frames], with `n-fft` (2048), `hop` (512), `mels` (128), `fmin` (0 Hz)
 * and `fmax` (half the sample rate); see `logMel` for the formula.
 */
export const audio: Modality = {
  name: 'audio',
  open: (items, options, places) => audioDataset(items, options, places),
};

/** As `audio.open`. @param threads number of threads that decode, which changes no byte (default: one a core, 4 at most) */
export async function audioDataset(
  items: ItemTable,
  options: JsonObject,
  places: ItemPlaces,
  threads = Math.min(MOST_THREADS, availableParallelism()),
): Promise<Dataset<Float32Array>> {
  const { clip, mel, written } = parseAudioOptions(options, places.model);
  const shape = mel ? [mel.mels, framesOf(clip.samples, mel.hop)] : [clip.samples];
  const input = arrayInput(places);
  const itemShape = [shape, [1, ...shape]].find((one) => inputTakes(input, one));
  if (!itemShape) {
    const made = `[batch, ${shape.join(', ')}] or [batch, 1, ${shape.join(', ')}]`;
    throw new UserError(`${places.model}: takes ${described(input)}, and its sounds are ${made} by the options of its input`);
  }
  const withFile = itemFiles(items, places.root);
  const startOf = startTimes(items);

  const request: OpenRequest = { clip, mel };
  const decoders = Array.from({ length: threads }, () => new Thread(built(import.meta.url, 'audio/worker.js')));
  await Promise.all(decoders.map((thread) => thread.call('open', request)));
  const pool = new Pool(decoders);
  const fileHash = keepLast(hashFile);
  const ask = (row: number, method: 'load' | 'listen') =>
    withFile(row, (path) => {
      const wanted: ClipRequest = { path, start: startOf(row) };
      return pool.with((thread) => thread.call<Float32Array>(method, wanted));
    });
  return {
    modality: 'audio',
    size: items.size,
    itemBytes: itemBytes(input, itemShape),
    preparation: written,
    load: (row) => ask(row, 'load'),
    collate: (clips) => stack(input, clips, itemShape),
    contentHash: (row) =>
      withFile(row, async (path) =>
        createHash('sha256')
          .update(`${await fileHash(path)} ${startOf(row)}`)
          .digest('hex'),
      ),
    async visualize(row) {
      const shown = (await ask(row, 'listen')).subarray(0, SHOWN_SECONDS * clip.sampleRate);
      return `<audio controls src="data:audio/wav;base64,${wavFile(shown, clip.sampleRate).toString('base64')}"></audio>`;
    },
    async close() {
      await Promise.all(decoders.map((thread) => thread.close()));
    },
  };
}
