/** What a decoder answers. */
export interface Decoded {
  readonly channelData: readonly Float32Array[];
  /** In Hz. */
  readonly sampleRate: number;
  readonly errors?: readonly { readonly message: string }[];
}

/** A format of files. */
export interface AudioFormat {
  readonly name: string;
  /** Whether a file that begins so is one. */
  matches(bytes: Buffer): boolean;
  /** @throws Error for a file that is damaged or not all there */
  decode(bytes: Buffer): Promise<Decoded> | Decoded;
}

/** The bytes at a position as text, for the marks that formats have. */
export function mark(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', at, at + length);
}

interface WasmDecoder {
  readonly ready: Promise<void>;
  free(): void;
}

/** Decodes with a decoder of its own for each file: what a damaged one leaves behind never meets the next. */
export async function withDecoder<D extends WasmDecoder, T>(decoder: D, decode: (decoder: D) => Promise<T> | T): Promise<T> {
  await decoder.ready;
  try {
    return await decode(decoder);
  } finally {
    decoder.free();
  }
}

/**
 * Samples that were whole numbers of `bits` bits, divided by 2^(bits - 1) as libsndfile and FFmpeg do, in place: decoders that stretch them to reach
 * 1 and -1 would give the same sound other values in WAV and in FLAC.
 * @param negative what the decoder divided negative numbers by; positive ones by 2^(bits - 1) - 1
 */
export function unstretch(samples: Float32Array, bits: number, negative: number): void {
  const half = 2 ** (bits - 1);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(samples[i] * (samples[i] < 0 ? negative : half - 1)) / half;
}
