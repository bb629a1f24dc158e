import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decode } from '../../../src/datasets/audio/decode.js';
import { wavFile } from '../../../src/datasets/audio/wav-file.js';
import { audioDataset, type Dataset, type ItemTable, modalityOf } from '../../../src/datasets/index.js';
import { ROOT } from '../../support/cli.js';
import { temporaryFolder } from '../../support/tables.js';
import { itemsOf, placesOf } from '../memory-items.js';

const FIXTURES = join(ROOT, 'tests/fixtures/audio');
const NAMES = [
  'stereo-pcm16.wav',
  'stereo-pcm16.flac',
  'stereo-lame-vbr.mp3',
  'stereo-oggenc.ogg',
  'stereo-opusenc.opus',
  'mono-44100.mp3',
];
const folder = temporaryFolder();
const opened: Dataset[] = [];
afterAll(async () => {
  await Promise.all(opened.map((dataset) => dataset.close?.()));
});

/** 0.4 s are 6400 samples, the length of most fixtures. */
async function open(items: ItemTable, { root = FIXTURES, options = {}, shape = ['batch', 6400] as (number | string)[], threads = 1 } = {}) {
  const dataset = await audioDataset(items, { seconds: 0.4, ...options }, placesOf(root, shape), threads);
  opened.push(dataset);
  return dataset;
}

/** Whole numbers over 32768: what 16 bits hold. */
const noise = (length: number) => Float32Array.from({ length }, (_, i) => Math.round(20_000 * Math.sin(i * i)) / 32768);

function written(name: string, samples: Float32Array, rate = 16_000): string {
  writeFileSync(join(folder, name), wavFile(samples, rate));
  return name;
}

describe('AudioDataset', () => {
  it('gives the same bytes whatever the number of threads and the order of asking', async () => {
    const items = itemsOf({ path: [...NAMES, ...NAMES], start_time: [0, 0, 0, 0, 0, 0, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2] });
    const one = await open(items);
    const three = await open(items, { threads: 3 });
    const alone: Float32Array[] = [];
    for (let row = 0; row < items.size; row++) alone.push(await one.load(row));
    const rows = Array.from({ length: items.size }, (_, row) => row);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: 4 }), async (some) => {
        const loaded = await Promise.all(some.map((row) => three.load(row)));
        expect(loaded).toEqual(some.map((row) => alone[row]));
      }),
      { numRuns: 5 },
    );
    expect(alone.every((clip) => clip.length === 6400 && clip.some((value) => value !== 0))).toBe(true);
  });

  it('cuts long sounds, and puts silence before short ones', async () => {
    const long = written('long.wav', noise(9000));
    const short = written('short.wav', noise(1000));
    const dataset = await open(itemsOf({ path: [long, short] }), { root: folder });
    expect(await dataset.load(0)).toEqual(noise(6400));
    const padded = await dataset.load(1);
    expect(padded.slice(0, 5400)).toEqual(new Float32Array(5400));
    expect(padded.slice(5400)).toEqual(noise(1000));
  });

  it('knows a format by its bytes, not by its name, and takes absolute paths', async () => {
    copyFileSync(join(FIXTURES, 'stereo-pcm16.flac'), join(folder, 'a.mp3'));
    const dataset = await open(itemsOf({ path: ['a.mp3', join(FIXTURES, 'stereo-pcm16.wav')] }), { root: folder });
    expect(await dataset.load(0)).toEqual(await dataset.load(1));
  });

  it('makes log-mel spectrograms, and batches of the rank that the model takes', async () => {
    const options = { features: 'log-mel', 'n-fft': 512, hop: 160, mels: 40 };
    const items = itemsOf({ path: NAMES });
    const [flat, deep] = [
      await open(items, { options, shape: ['n', 40, 41] }),
      await open(items, { options, shape: ['n', 1, 40, 'frames'] }),
    ];
    const loaded = [await flat.load(0), await flat.load(1), await flat.load(4)];
    expect(flat.collate(loaded).input.dims).toEqual([3, 40, 41]);
    expect(deep.collate(loaded).input).toEqual({
      type: 'float32',
      dims: [3, 1, 40, 41],
      data: Float32Array.from(loaded.flatMap((one) => [...one])),
    });
    expect(loaded[0]).toEqual(loaded[1]);
    for (const dataset of [flat, deep]) expect(dataset.itemBytes).toBe(loaded[0].byteLength);
    expect(flat.preparation).toEqual({ ...options, 'sample-rate': 16_000, seconds: 0.4, fmin: 0, fmax: 8000 });
    const waves = await open(items, { shape: ['n', 1, 6400] });
    expect(waves.collate([await waves.load(0)]).input.dims).toEqual([1, 1, 6400]);
    expect(waves.preparation).toEqual({ features: 'waveform', 'sample-rate': 16_000, seconds: 0.4 });
  });

  it('shows what the model hears, in a player', async () => {
    // 0.3 s are left, and 0.1 s of silence before them is not played.
    const dataset = await open(itemsOf({ path: ['stereo-pcm16.wav'], start_time: [0.1] }));
    const html = await dataset.visualize(0);
    const [, base64] = /^<audio controls src="data:audio\/wav;base64,([^"]+)"><\/audio>$/.exec(html) as RegExpExecArray;
    const { samples, rate } = await decode(Buffer.from(base64, 'base64'));
    const heard = (await dataset.load(0)).subarray(1600);
    expect(rate).toBe(16_000);
    expect(samples.length).toBe(heard.length);
    expect(Math.max(...samples.map((sample, i) => Math.abs(sample - heard[i])))).toBeLessThanOrEqual(2 ** -16);
    const long = await open(itemsOf({ path: [written('minute.wav', noise(960_000))] }), {
      root: folder,
      options: { seconds: 60 },
      shape: ['n', 's'],
    });
    expect((await long.visualize(0)).length).toBeLessThan(450_000);
  });

  it('hashes the bytes of the file and the start_time', async () => {
    const [a, b] = [written('a.wav', noise(100)), written('b.wav', noise(100))];
    const other = written('c.wav', noise(101));
    const dataset = await open(itemsOf({ path: [a, b, a, other], start_time: [0, 0, 0.001, 0] }), { root: folder });
    const hashes = await Promise.all([0, 1, 2, 3].map((row) => dataset.contentHash(row)));
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(3);
  });

  it('names the row and the file that cannot be read, and reads the next one', async () => {
    writeFileSync(join(folder, 'broken.ogg'), readFileSync(join(FIXTURES, 'stereo-oggenc.ogg')).subarray(0, 3000));
    writeFileSync(join(folder, 'text.wav'), 'not a sound');
    const path = ['broken.ogg', 'text.wav', 'nothere.wav', written('good.wav', noise(16)), 'good.wav', null];
    const dataset = await open(itemsOf({ path: vectorFromArray(path, new Utf8()), start_time: [0, 0, 0, 0, 0.5, 0] }), { root: folder });
    const reasons = [
      'items.csv, row 0: broken.ogg: Ogg Vorbis that cannot be decoded: truncated or damaged in page 1',
      'items.csv, row 1: text.wav: no sound in a format that is known (WAV, FLAC, Ogg Vorbis, Ogg Opus, Ogg FLAC, MP3): it starts with "not a"',
      `items.csv, row 2: nothere.wav: ${join(folder, 'nothere.wav')}: no such file`,
      undefined,
      'items.csv, row 4: good.wav: start_time 0.5 is beyond the end of the sound, 0.001 s',
      'items.csv, row 5, column "path": no path',
    ];
    for (const [row, reason] of reasons.entries()) {
      if (reason === undefined) expect((await dataset.load(row)).subarray(-16)).toEqual(noise(16));
      else await expect(dataset.load(row)).rejects.toThrow(reason);
    }
    await expect(dataset.visualize(0)).rejects.toThrow(reasons[0]);
    await expect(dataset.contentHash(2)).rejects.toThrow(reasons[2]);
  });

  it.each<[string, Record<string, unknown[]>, Record<string, string | number>, (number | string)[], string]>([
    ['no paths', { text: ['a'] }, {}, ['n', 6400], 'items.csv: no column "path"'],
    [
      'times in words',
      { path: ['a', 'b'], start_time: ['0:01', '0:02'] },
      {},
      ['n', 6400],
      'items.csv, row 0, column "start_time": 0:01 is no time; give seconds',
    ],
    [
      'a negative time',
      { path: ['a', 'b'], start_time: [0.5, -1] },
      {},
      ['n', 6400],
      'items.csv, row 1, column "start_time": -1 is no time; give seconds',
    ],
    [
      'another length',
      { path: ['a'] },
      {},
      ['n', 16_000],
      'm.onnx: takes input float32 [n, 16000], and its sounds are [batch, 6400] or [batch, 1, 6400]',
    ],
    ['pictures', { path: ['a'] }, {}, ['n', 3, 64, 64], 'm.onnx: takes input float32 [n, 3, 64, 64], and its sounds are [batch, 6400]'],
    [
      'an unknown option',
      { path: ['a'] },
      { sample_rate: 8000 },
      ['n', 's'],
      'm.onnx: unknown option "sample_rate" of the input; did you mean "sample-rate"?',
    ],
    ['unknown features', { path: ['a'] }, { features: 'mfcc' }, ['n', 's'], 'm.onnx: input.features: must be one of waveform, log-mel'],
    ['no time at all', { path: ['a'] }, { seconds: 0 }, ['n', 's'], 'm.onnx: input.seconds: must be a number of seconds above 0'],
    ['less than a sample', { path: ['a'] }, { seconds: 1e-6 }, ['n', 's'], 'm.onnx: input.seconds: 0.000001 s at 16000 Hz are no samples'],
    [
      'bands of a waveform',
      { path: ['a'] },
      { mels: 40 },
      ['n', 's'],
      'm.onnx: input.mels belongs to a spectrogram; give it with features: log-mel',
    ],
    ['400 samples', { path: ['a'] }, { features: 'log-mel', 'n-fft': 400 }, ['n', 'm', 'f'], 'm.onnx: input.n-fft: 400 is no power of 2'],
    ['long windows', { path: ['a'] }, { features: 'log-mel', 'n-fft': 16_384 }, ['n', 'm', 'f'], 'too short for windows of 16384'],
    ['high bands', { path: ['a'] }, { features: 'log-mel', fmax: 8001 }, ['n', 'm', 'f'], 'at most half the sample rate, 8000'],
  ])('refuses %s before the first item', async (_, columns, options, shape, message) => {
    await expect(open(itemsOf(columns), { options, shape })).rejects.toThrow(message);
  });

  it('refuses a model of several inputs, or of whole numbers', async () => {
    const places = placesOf(FIXTURES, ['n', 6400], 'int64');
    const audio = modalityOf('audio');
    await expect(audio.open(itemsOf({ path: NAMES }), {}, places)).rejects.toThrow(
      'm.onnx: takes input int64 [n, 6400], where one input is needed',
    );
    const two = { ...places, inputs: [...places.inputs, { name: 'mask', type: 'float32', shape: ['n'] }] };
    await expect(audio.open(itemsOf({ path: NAMES }), {}, two)).rejects.toThrow('takes input int64 [n, 6400] and mask float32 [n], where');
  });
});
