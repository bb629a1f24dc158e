import { z } from 'zod';
import { UserError } from '../../data/errors.js';
import type { JsonObject } from '../../data/json.js';
import { parseInputOptions } from '../../models/parse-options.js';

/** What a model takes of a sound. */
const FEATURES = ['waveform', 'log-mel'] as const;

const positive = (unit: string) => z.number(`must be a number of ${unit}`).positive(`must be a number of ${unit} above 0`);
const count = (unit: string) => z.int(`must be a whole number of ${unit}`).positive(`must be a whole number of ${unit}, 1 or more`);
const frequency = z.number('must be a frequency in Hz').nonnegative('must be a frequency in Hz, 0 or more');

/** Defaults are OML's: 3 s of mono at 16 kHz; of the spectrogram they are those of its `default_spec_repr_func`. */
const schema = z.strictObject({
  'sample-rate': count('samples per second').default(16_000),
  seconds: positive('seconds').default(3),
  features: z.enum(FEATURES, `must be one of ${FEATURES.join(', ')}`).default('waveform'),
  'n-fft': count('samples').default(2048),
  hop: count('samples').default(512),
  mels: count('mel bands').default(128),
  fmin: frequency.default(0),
  fmax: frequency.optional(),
});

/** How the waveform is cut out of a file. */
export interface ClipOptions {
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples of a clip. */
  readonly samples: number;
}

/** Parameters of a log-mel spectrogram. */
export interface MelOptions {
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples of a window: a power of 2. */
  readonly fftSize: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  /** Number of bands. */
  readonly mels: number;
  /** Where the lowest band begins, in Hz. */
  readonly minFrequency: number;
  /** Where the highest band ends, in Hz. */
  readonly maxFrequency: number;
}

export interface AudioOptions {
  readonly clip: ClipOptions;
  /** Where the model takes a log-mel spectrogram. */
  readonly mel?: MelOptions;
  /** All of it as it would be written, defaults filled in. */
  readonly written: JsonObject;
}

/**
 * @param given `input` of the model's description
 * @param where names the model, for messages
 * @throws UserError naming the option
 */
export function parseAudioOptions(given: JsonObject, where: string): AudioOptions {
  const { features, seconds, ...options } = parseInputOptions(schema, given, where);
  const sampleRate = options['sample-rate'];
  // int(), as in OML.
  const samples = Math.floor(seconds * sampleRate);
  if (samples === 0) throw new UserError(`${where}: input.seconds: ${seconds} s at ${sampleRate} Hz are no samples`);
  const clip = { sampleRate, samples };
  if (features === 'waveform') {
    const spare = Object.keys(given).find((key) => ['n-fft', 'hop', 'mels', 'fmin', 'fmax'].includes(key));
    if (spare) throw new UserError(`${where}: input.${spare} belongs to a spectrogram; give it with features: log-mel`);
    return { clip, written: { 'sample-rate': sampleRate, seconds, features } };
  }
  const { 'n-fft': fftSize, hop, mels, fmin, fmax = Math.floor(sampleRate / 2) } = options;
  if (!Number.isInteger(Math.log2(fftSize)) || fftSize < 2) {
    throw new UserError(`${where}: input.n-fft: ${fftSize} is no power of 2`);
  }
  if (samples <= fftSize / 2) {
    throw new UserError(`${where}: a clip of ${samples} samples is too short for windows of ${fftSize}; it needs more than ${fftSize / 2}`);
  }
  if (fmin >= fmax || fmax > sampleRate / 2) {
    throw new UserError(
      `${where}: fmin ${fmin} and fmax ${fmax} must be in this order, and at most half the sample rate, ${sampleRate / 2}`,
    );
  }
  const mel = { sampleRate, fftSize, hop, mels, minFrequency: fmin, maxFrequency: fmax };
  return { clip, mel, written: { ...options, fmax, seconds, features } };
}
