import FFT from 'fft.js';
import type { MelOptions } from './options.js';

/** Frequencies to which one mel band listens: weights of the bins from `first` on. */
export interface MelBand {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Number of frames of a waveform: frames are centred at every `hop` samples, the first one at the first sample. */
export function framesOf(samples: number, hop: number): number {
  return Math.floor(samples / hop) + 1;
}

/**
 * A log-mel spectrogram: log(1 + mel), where mel is the power spectrum |STFT|² through triangular mel filters; periodic Hann window, frames centred
 * with the waveform reflected at its ends. The definition and the defaults are those of torchaudio's `MelSpectrogram` (2.11: power 2, mel scale "htk",
 * no norm, centred), which is computed in float32; this one in float64, rounded once.
 * @returns for a waveform of more than fftSize / 2 samples its spectrogram, row-major [mels, frames]
 */
export function logMel(options: MelOptions): (waveform: Float32Array) => Float32Array {
  const { fftSize, hop, mels } = options;
  const fft = new FFT(fftSize);
  const window = Float64Array.from({ length: fftSize }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fftSize));
  const bands = melBands(options);
  const frame = new Float64Array(fftSize);
  const spectrum = new Float64Array(2 * fftSize);
  const power = new Float64Array(fftSize / 2 + 1);
  return (waveform) => {
    const frames = framesOf(waveform.length, hop);
    const out = new Float32Array(mels * frames);
    for (let f = 0; f < frames; f++) {
      const start = f * hop - fftSize / 2;
      for (let i = 0; i < fftSize; i++) frame[i] = window[i] * waveform[reflected(start + i, waveform.length)];
      fft.realTransform(spectrum, frame);
      for (let b = 0; b < power.length; b++) power[b] = spectrum[2 * b] ** 2 + spectrum[2 * b + 1] ** 2;
      bands.forEach(({ first, weights }, m) => {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * power[first + i];
        out[m * frames + f] = Math.log1p(sum);
      });
    }
    return out;
  };
}

/** Index of the sample that stands for one before the first or behind the last: the waveform's mirror image, its ends not doubled. */
function reflected(index: number, length: number): number {
  if (index < 0) return -index;
  return index < length ? index : 2 * (length - 1) - index;
}

/**
 * Triangles of height 1, equally wide on the mel scale mel(f) = 2595 log10(1 + f / 700) (O'Shaughnessy 1987; HTK), each reaching from the middle of the
 * band below to that of the band above: together they are 1 at every frequency from the middle of the lowest to that of the highest. A band that is
 * narrower than the bins may hear nothing, as in torchaudio.
 */
export function melBands({ sampleRate, fftSize, mels, minFrequency, maxFrequency }: MelOptions): MelBand[] {
  const [lowest, highest] = [minFrequency, maxFrequency].map((f) => 2595 * Math.log10(1 + f / 700));
  const corners = Float64Array.from({ length: mels + 2 }, (_, i) => {
    const mel = lowest + ((highest - lowest) * i) / (mels + 1);
    return 700 * (10 ** (mel / 2595) - 1);
  });
  const bins = fftSize / 2 + 1;
  const frequency = (bin: number) => (Math.floor(sampleRate / 2) * bin) / (bins - 1);
  return Array.from({ length: mels }, (_, m) => {
    const [from, middle, to] = corners.subarray(m, m + 3);
    const weights = Float64Array.from({ length: bins }, (_, bin) => {
      const f = frequency(bin);
      return Math.max(0, Math.min((f - from) / (middle - from), (to - f) / (to - middle)));
    });
    const first = Math.max(
      0,
      weights.findIndex((weight) => weight > 0),
    );
    return { first, weights: weights.subarray(first, weights.findLastIndex((weight) => weight > 0) + 1) };
  });
}
