import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import sharp from 'sharp';
import { answer, childArgument } from '../child.js';
import { drawing, scene } from '../drawings.js';
import type { ItemSet } from '../inference-cases.js';
import { Random } from '../random.js';
import { resnet50 } from '../resnet.js';
import { textModel, wordTokenizer } from '../text-model.js';

/* Tables of items with their files, and the model where it is a generated one. A table of more rows than there are files has some again. */
const { set, folder } = childArgument<{ set: ItemSet; folder: string }>();
const { kind, distinct, sizes, textModel: given } = set;
const WARM = 128;
const random = new Random(7);

const writers: Record<ItemSet['kind'], () => Promise<readonly object[]>> = {
  png: () =>
    writePictures('png', async (file) =>
      sharp(Buffer.from(drawing(random)), { density: 18 })
        .flatten({ background: '#fff' })
        .grayscale()
        .toFile(file),
    ),
  svg: () => writePictures('svg', async (file) => writeFileSync(file, drawing(random))),
  async jpeg() {
    writeFileSync(join(folder, 'model.onnx'), resnet50(1));
    writeFileSync(
      join(folder, 'model.yaml'),
      'modality: image\ninput:\n  transform: [{ resize: { size: [224, 224] } }, { normalise: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } }]\n',
    );
    return writePictures('jpg', async (file) =>
      sharp(Buffer.from(scene(random, 500, 375)))
        .removeAlpha()
        .jpeg({ quality: 85 })
        .toFile(file),
    );
  },
  async text() {
    const words = given === undefined ? ownTextModel() : givenTextModel(given);
    const sentence = () => Array.from({ length: 4 + random.below(21) }, () => words[Math.floor(words.length * random.uniform() ** 3)]);
    return Array.from({ length: distinct }, () => ({ text: sentence().join(' ') }));
  },
};

const items = await writers[kind]();
for (const [name, size] of [['warm', WARM], ...sizes.map((size) => [size, size])] as const) {
  const rows = Array.from({ length: size }, (_, row) => ({ label: row % 997, ...items[row % items.length] }));
  writeFileSync(join(folder, `items-${name}.csv`), stringify(rows, { header: true }));
}
answer({ seconds: {} });

async function writePictures(ending: string, write: (file: string) => Promise<unknown>): Promise<{ path: string }[]> {
  mkdirSync(join(folder, 'pictures'));
  const paths = Array.from({ length: distinct }, (_, i) => ({ path: `pictures/${i}.${ending}` }));
  for (const { path } of paths) await write(join(folder, path));
  return paths;
}

/** @returns its words */
function ownTextModel(): string[] {
  const syllables = [...'bdfglmnprst'].flatMap((consonant) => [...'aeiou'].map((vowel) => consonant + vowel));
  const words = syllables.flatMap((first) => syllables.map((second) => first + second));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(wordTokenizer(words)));
  writeFileSync(join(folder, 'model.onnx'), textModel(words.length + 2, 1));
  writeFileSync(join(folder, 'model.yaml'), 'modality: text\npooling: mean\nnormalise: true\n');
  return words;
}

/** @returns whole words of its vocabulary, the frequent ones first */
function givenTextModel(file: string): string[] {
  const tokenizer = join(dirname(file), 'tokenizer.json');
  copyFileSync(file, join(folder, 'model.onnx'));
  copyFileSync(tokenizer, join(folder, 'tokenizer.json'));
  writeFileSync(join(folder, 'model.yaml'), 'modality: text\n');
  const { model } = JSON.parse(readFileSync(tokenizer, 'utf8')) as { model: { vocab: Record<string, number> } };
  return Object.keys(model.vocab).filter((word) => /^[a-z]{2,}$/.test(word));
}
