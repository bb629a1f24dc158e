import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, type Sound } from '../../../src/datasets/audio/decode.js';
import { resample } from '../../../src/datasets/audio/resample.js';
import { ROOT } from '../../support/cli.js';

const FOLDER = join(ROOT, 'tests/fixtures/audio');
const bytesOf = (name: string) => readFileSync(join(FOLDER, name));
const NAMES = readdirSync(FOLDER).filter((name) => /\.(wav|flac|mp3|ogg|oga|opus)$/.test(name));

/** Signal to noise in dB of a sound that is moved by so many samples against the one it should be. */
function fidelity({ samples }: Sound, expected: Float32Array, lag = 0): number {
  let [signal, noise] = [0, 0];
  for (let i = 10; i < expected.length - 10; i++) {
    signal += expected[i] ** 2;
    noise += (samples[i + lag] - expected[i]) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** A WAV file of chunks; each is padded to an even length. */
function riff(...chunks: readonly (readonly [kind: string, content: Buffer])[]): Buffer {
  const parts = chunks.flatMap(([kind, content]) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(content.length);
    return [Buffer.from(kind), size, content, Buffer.alloc(content.length % 2)];
  });
  return Buffer.concat([Buffer.from('RIFF....WAVE'), ...parts]);
}

function format({ tag = 1, channels = 1, bits = 16 } = {}): readonly [string, Buffer] {
  const content = Buffer.alloc(16);
  [tag, channels].forEach((value, i) => {
    content.writeUInt16LE(value, 2 * i);
  });
  content.writeUInt32LE(8000, 4);
  content.writeUInt32LE((8000 * channels * bits) / 8, 8);
  content.writeUInt16LE((channels * bits) / 8, 12);
  content.writeUInt16LE(bits, 14);
  return ['fmt ', content];
}

const data = (values: Int16Array | Float32Array | Float64Array) => ['data', Buffer.from(values.buffer)] as const;

describe('decode', () => {
  it('gives 16 bits as they are, divided by 32768, and the mean of the channels', async () => {
    const samples = Int16Array.of(0, 0, 1, 3, -1, -1, 32767, 32767, -32768, -32768, 32767, -32767, 100, 200, -101, -99);
    const sound = await decode(riff(format({ channels: 2 }), data(samples)));
    expect(sound).toEqual({ rate: 8000, samples: Float32Array.of(0, 2, -1, 32767, -32768, 0, 150, -100).map((value) => value / 32768) });
  });

  it.each([
    ['stereo-pcm16.flac', 'stereo-pcm16.wav'],
    ['stereo-flac.oga', 'stereo-pcm16.wav'],
    ['stereo-pcm24.flac', 'stereo-pcm24.wav'],
  ])('gives the same of %s as of %s, to the bit', async (name, original) => {
    expect(await decode(bytesOf(name))).toEqual(await decode(bytesOf(original)));
  });

  it('reads floats of 32 and 64 bits, wherever in the file they stand', async () => {
    for (const values of [Float32Array.of(0.5, -2), Float64Array.of(0.5, -2)]) {
      const bits = 8 * values.BYTES_PER_ELEMENT;
      const sound = await decode(riff(['LIST', Buffer.from('ab')], format({ tag: 3, bits }), data(values)));
      expect(sound.samples).toEqual(Float32Array.of(0.5, -2));
    }
  });

  // What remains is the loss of 8 or 16 bits: half a step of 2^-7, 2^-15, 2^-23, and A-law's own.
  it.each([
    ['stereo-pcm24.wav', 2 ** -22],
    ['stereo-pcm16.wav', 2 ** -14],
    ['stereo-pcm8.wav', 2 ** -7],
    ['stereo-alaw.wav', 2 ** -6],
  ])('reads %s as the sound it is', async (name, tolerance) => {
    const [{ samples }, { samples: exact }] = [await decode(bytesOf(name)), await decode(bytesOf('stereo-float.wav'))];
    const worst = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - samples[i])), 0);
    expect(worst).toBeLessThan(tolerance);
    expect(worst).toBeGreaterThan(0);
  });

  // Encoders add some hundred samples at the beginning: a chirp that is one sample off is below 16 dB.
  it.each([
    ['stereo-libsndfile.ogg', 'stereo-pcm16.wav', 25],
    ['stereo-oggenc.ogg', 'stereo-pcm16.wav', 32],
    ['stereo-libsndfile.mp3', 'stereo-pcm16.wav', 32],
    ['stereo-lame-vbr.mp3', 'stereo-pcm16.wav', 60],
    ['mono-44100.mp3', 'mono-44100.wav', 25],
    ['stereo-opusenc.opus', 'stereo-pcm16.wav', 38],
  ])('reads %s in step with %s, at %i dB or more', async (name, original, decibel) => {
    const [sound, { samples, rate }] = [await decode(bytesOf(name)), await decode(bytesOf(original))];
    const length = (samples.length * sound.rate) / rate;
    const expected = await resample(samples, rate, sound.rate, length);
    expect(sound.samples.length).toBe(length);
    expect(sound.rate).toBe(name.endsWith('.opus') ? 48_000 : rate);
    expect(fidelity(sound, expected)).toBeGreaterThan(decibel);
    for (const lag of [-1, 1]) expect(fidelity(sound, expected, lag)).toBeLessThan(fidelity(sound, expected) - 3);
  });

  it('skips an ID3 tag, chunks it does not need, and chunks of odd length', async () => {
    const samples = data(Int16Array.of(1, 2, 3));
    const plain = await decode(riff(format(), samples));
    expect(await decode(riff(['LIST', Buffer.from('odd')], format(), ['note', Buffer.alloc(7)], samples))).toEqual(plain);
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x02'), Buffer.alloc(130)]);
    expect(await decode(Buffer.concat([tag, riff(format(), samples)]))).toEqual(plain);
  });

  it('never takes a file that is not all there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (name, part) => {
        const bytes = bytesOf(name);
        await expect(decode(bytes.subarray(0, Math.floor(bytes.length * part)))).rejects.toThrow(/truncated|no sound|no samples/);
      }),
      { numRuns: 200 },
    );
  });

  it('never takes a FLAC or Ogg file with a bit of its sound turned over', async () => {
    const names = NAMES.filter((name) => /\.(flac|ogg|oga|opus)$/.test(name));
    const place = fc.double({ min: 0.7, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), place, fc.nat(7), async (name, part, bit) => {
        const bytes = bytesOf(name);
        bytes[Math.floor(bytes.length * part)] ^= 1 << bit;
        await expect(decode(bytes)).rejects.toThrow(/that cannot be decoded: .*damaged/);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [
      'a picture',
      Buffer.from('\x89PNG\r\n', 'latin1'),
      /^no sound in a format that is known \(WAV, FLAC, .*\): it starts with bytes 89504e47$/,
    ],
    ['a zip', Buffer.from('PK\x03\x04....'), /it looks like zip$/],
    ['a WAV of no samples', riff(format(), data(new Int16Array(0))), /^WAV without samples$/],
    ['a WAV without its format', riff(data(Int16Array.of(1))), /^WAV that cannot be decoded: its samples come before their format$/],
    [
      'a WAV of an unknown codec',
      riff(format({ tag: 0x55 }), data(Int16Array.of(1))),
      /^WAV that cannot be decoded: Unsupported WAV format: 0x55$/,
    ],
    ['no number', riff(format({ tag: 3, bits: 32 }), data(Float32Array.of(0, Number.NaN))), /^sample 1 is NaN$/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(decode(bytes)).rejects.toThrow(message);
  });

  it('refuses an MP3 that is cut between two frames, and one with something else between them', async () => {
    const bytes = bytesOf('stereo-lame-vbr.mp3');
    // A frame's head begins with 11 ones; the next-to-last one ends the file here.
    const last = bytes.lastIndexOf(Buffer.from([0xff, bytes[bytes.indexOf(0xff) + 1]]));
    await expect(decode(bytes.subarray(0, last))).rejects.toThrow(/^MP3 that cannot be decoded: truncated: \d+ of \d+ frames are there$/);
    const torn = Buffer.concat([bytes.subarray(0, last), Buffer.alloc(40, 7), bytes.subarray(last)]);
    await expect(decode(torn)).rejects.toThrow(`MP3 that cannot be decoded: damaged at byte ${last}`);
  });

  it('refuses two Ogg streams in one file', async () => {
    const [a, b] = [bytesOf('stereo-oggenc.ogg'), bytesOf('stereo-libsndfile.ogg')];
    await expect(decode(Buffer.concat([a, b]))).rejects.toThrow('it goes on behind its last page');
  });
});
