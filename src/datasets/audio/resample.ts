import libsamplerate from '@alexanderolsen/libsamplerate-js';
import { UserError } from '../../data/errors.js';

/** Output is made in pieces: libsamplerate-js takes so many samples at once, and works in another way when it is given more. */
const MOST_SAMPLES = 1_008_000;
const PIECE_SECONDS = 1;

/** libsamplerate's own limit. */
const MOST_RATIO = 256;

/** Samples of the lower rate on either side of a piece that its edges may depend on: the filter reaches 46 of them. */
const CONTEXT = 64;

const converters = new Map<string, ReturnType<typeof libsamplerate.create>>();

function converter(from: number, to: number): ReturnType<typeof libsamplerate.create> {
  const { create, ConverterType } = libsamplerate;
  const key = `${from} ${to}`;
  const known = converters.get(key) ?? create(1, from, to, { converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY });
  converters.set(key, known);
  return known;
}

/**
 * A waveform at another sample rate, by band-limited interpolation (libsamplerate's `SRC_SINC_MEDIUM_QUALITY`: signal to noise 121 dB, bandwidth 90%).
 * Sample i of the result is the sound at i / to seconds; before its first and behind its last sample the waveform is silent.
 * @param from sample rate in Hz
 * @param to the rate wanted
 * @param length samples wanted of the result, from its first on
 * @throws UserError for rates that cannot be converted
 */
export async function resample(waveform: Float32Array, from: number, to: number, length: number): Promise<Float32Array> {
  const out = new Float32Array(length);
  if (from === to) {
    out.set(waveform.subarray(0, length));
    return out;
  }
  // Pieces begin where samples of both rates meet.
  const common = gcd(from, to);
  const [fromStep, toStep] = [from / common, to / common];
  const margin = Math.ceil((CONTEXT * Math.max(1, from / to)) / fromStep);
  const steps = common * PIECE_SECONDS;
  const pieceSteps = steps + 2 * margin;
  if (Math.max(from / to, to / from) > MOST_RATIO || pieceSteps * Math.max(fromStep, toStep) > MOST_SAMPLES) {
    throw new UserError(`its sample rate of ${from} Hz cannot be converted to ${to} Hz`);
  }
  const src = await converter(from, to);
  for (let step = 0; step * toStep < length; step += steps) {
    const piece = new Float32Array(pieceSteps * fromStep);
    const start = (step - margin) * fromStep;
    piece.set(waveform.subarray(Math.max(0, start), start + piece.length), Math.max(0, -start));
    const [at, wanted] = [margin * toStep, Math.min(steps * toStep, length - step * toStep)];
    out.set(src.simple(piece).subarray(at, at + wanted), step * toStep);
  }
  return out;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
