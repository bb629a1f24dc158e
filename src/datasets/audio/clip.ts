import { UserError } from '../../data/errors.js';
import type { Sound } from './decode.js';
import type { ClipOptions } from './options.js';
import { resample } from './resample.js';

/**
 * What a model hears of a sound: the part from `start` on, as if the file began there, at the rate wanted; longer ones are cut, shorter ones stand at
 * the end of a clip that begins with silence, as in OML.
 * @param start in seconds
 * @throws UserError when the sound ends before
 */
export async function clipOf({ samples, rate }: Sound, start: number, options: ClipOptions): Promise<Float32Array> {
  const first = Math.round(start * rate);
  if (first >= samples.length) throw new UserError(`start_time ${start} is beyond the end of the sound, ${samples.length / rate} s`);
  const rest = samples.subarray(first);
  const length = Math.min(options.samples, Math.ceil((rest.length * options.sampleRate) / rate));
  const heard = await resample(rest, rate, options.sampleRate, length);
  if (length === options.samples) return heard;
  const clip = new Float32Array(options.samples);
  clip.set(heard, options.samples - length);
  return clip;
}
