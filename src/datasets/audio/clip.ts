import { UserError } from '../../data/errors.js';
import type { Sound } from './decode.js';
import type { ClipOptions } from './options.js';
import { resample } from './resample.js';

/**
 * What a model hears of a sound: the part from `start` on, as if the file began there, at the rate wanted, at most as long as a clip.
 * @param start in seconds
 * @throws UserError when the sound ends before
 */
export async function heardOf({ samples, rate }: Sound, start: number, options: ClipOptions): Promise<Float32Array> {
  const first = Math.round(start * rate);
  if (first >= samples.length) throw new UserError(`start_time ${start} is beyond the end of the sound, ${samples.length / rate} s`);
  const rest = samples.subarray(first);
  const length = Math.min(options.samples, Math.ceil((rest.length * options.sampleRate) / rate));
  return resample(rest, rate, options.sampleRate, length);
}

/** A clip of full length: what is shorter stands at its end, behind silence, as in OML. */
export function padded(heard: Float32Array, { samples }: ClipOptions): Float32Array {
  if (heard.length === samples) return heard;
  const clip = new Float32Array(samples);
  clip.set(heard, samples - heard.length);
  return clip;
}
