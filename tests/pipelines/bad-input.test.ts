import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { nanGraph, pairGraph, writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { npyBytes } from '../support/npy.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  const { vectors, label } = clusters(12, 3, 4);
  const category = label.map((l) => `c${l}`);
  await writeTable(at('items.parquet'), embeddingTable(vectors, { label, category }));
  await writeTable(at('unlabelled.parquet'), embeddingTable(vectors));
  await writeTable(
    at('dim3.parquet'),
    embeddingTable(
      vectors.map((v) => v.slice(0, 3)),
      { label },
    ),
  );
  const none = label.map(() => false);
  await writeTable(at('nogallery.parquet'), embeddingTable(vectors, { label, is_query: none.map(() => true), is_gallery: none }));
  await writeTable(at('noquery.parquet'), embeddingTable(vectors, { label, is_query: none, is_gallery: none.map(() => true) }));
  await writeTable(at('onlyquery.parquet'), embeddingTable(vectors, { label, is_query: none }));
  await writeTable(at('twins.parquet'), embeddingTable(vectors, { label, id: label.map((_, i) => (i === 7 ? 'item-2' : `item-${i}`)) }));
  await writeTable(
    at('nan.parquet'),
    embeddingTable(
      vectors.map((v, i) => (i === 5 ? [1, Number.NaN, 2, 3] : v)),
      { label },
    ),
  );
  await writeTable(at('fraction.parquet'), embeddingTable(vectors, { label: vectorFromArray(label.map((l) => l + 0.5)) }));
  await writeTable(at('q.arrows'), embeddingTable(vectors, { label }));
  writeFileSync(at('truncated.arrows'), readFileSync(at('q.arrows')).subarray(0, -60));
  writeFileSync(at('text.parquet'), 'id,label\n1,2\n');
  writeFileSync(at('ragged.csv'), 'embedding,label\n"[1, 2]",a\n"[1, 2, 3]",a\n');
  writeFileSync(at('noembedding.csv'), 'vector,label\n"[1, 2]",a\n');
  writeFileSync(at('bad.yaml'), 'metrcs: cmc@1\n');
  writeFileSync(at('bad-k.yaml'), 'k: none\n');
  writeFileSync(at('bad-with.yaml'), 'with:\n  - constant: 0.8\n');
  writeFileSync(at('bad-by.yaml'), 'by: 3\n');
  writeModel(folder, 'pairs.onnx', pairGraph({ shape: [4] }));
  writeModel(folder, 'pictures.onnx', pairGraph({ shape: [1, 2, 2] }));
  const [x, y] = ['x', 'y'].map((name) => ({ name, type: 'float32' as const, dims: ['n', 4] }));
  writeModel(folder, 'embedder.onnx', { nodes: [{ type: 'Abs', inputs: ['x'], outputs: ['y'] }], inputs: [x], outputs: [y] });
  writeModel(folder, 'nan.onnx', nanGraph(4));
  writeModel(folder, 'three.onnx', {
    nodes: [{ type: 'Add', inputs: ['x', 'three'], outputs: ['y'] }],
    constants: [{ name: 'three', values: Float32Array.of(1, 2, 3) }],
    inputs: [{ ...x, dims: ['n', 'd'] }],
    outputs: [{ ...y, dims: ['n', 'd'] }],
  });
  writeFileSync(at('three.yaml'), 'modality: tensor\ninput: { file: features.npy }\n');
  writeFileSync(at('features.npy'), npyBytes('2, 4', new Uint8Array(32)));
  writeFileSync(at('arrays.csv'), 'label\na\nb\n');
  writeFileSync(at('file'), '');
  chmodSync(at('file'), 0o644);
});

/** The command line after `rankstream`, with @ for the folder, and what its one line must say. */
const CASES: [string, string][] = [
  ['evaluate @nothere.parquet', 'nothere.parquet: '],
  ['evaluate @text.parquet', 'text.parquet: not '],
  ['evaluate @noembedding.csv', 'noembedding.csv: no embedding column "embedding" (there are: vector, label)'],
  [
    'extract @arrays.csv --model @three.onnx --out @x.parquet --no-cache',
    'three.onnx: the model fails on x float32 [2, 4]: Attempting to broadcast an axis by a dimension other than 1. ',
  ],
  ['evaluate @ragged.csv', 'ragged.csv, row 1, column "embedding"'],
  ['evaluate @nan.parquet', 'nan.parquet, row 5, column "embedding": element 1 is NaN'],
  ['evaluate @truncated.arrows', 'truncated.arrows: '],
  ['evaluate @twins.parquet', 'column "id": "item-2" stands also in row 2'],
  ['evaluate @fraction.parquet', 'row 0, column "label": 0.5 is no label'],
  ['evaluate --queries @dim3.parquet --gallery @items.parquet', 'dim3.parquet: queries of dimension 3 cannot be searched in '],
  ['evaluate @items.parquet --k 0', '--k: must be a positive integer, not "0"'],
  ['evaluate @items.parquet --k 2.5', '--k: must be a positive integer, not "2.5"'],
  ['evaluate @items.parquet --metrics cmcc@1', 'unknown metric "cmcc@1"; did you mean "cmc@1"?'],
  ['evaluate @items.parquet --metrics cmc@0', 'k must be a positive integer'],
  ['evaluate @items.parquet --by categry', 'no column "categry" to group by'],
  ['evaluate @items.parquet --by categry', 'did you mean "category"?'],
  ['evaluate @items.parquet --distance l1', '--distance: must be one of l2, cosine, ip, not "l1"'],
  ['evaluate @items.parquet --device gpu', '--device: must be one of auto, cpu, webgpu, cuda, not "gpu"'],
  ['evaluate @items.parquet --precision half', '--precision: must be exact or float32, not "half"'],
  ['evaluate @items.parquet --with constan:1', 'unknown post-processor "constan"'],
  ['evaluate @items.parquet --with constant:1|topp:2', 'did you mean "top"?'],
  ['evaluate @items.parquet --with rerank:@nothere.onnx@10 --out @m.json', 'nothere.onnx: there is no such model file'],
  [
    'evaluate @nothere.parquet --with rerank:@embedder.onnx@10',
    'one output [batch], of any batch, not inputs x float32 [n, 4] and outputs y',
  ],
  ['evaluate @nothere.parquet --with rerank:@pairs.onnx@1', 'topN must be an integer of at least 2, not 1'],
  ['evaluate @items.parquet --with reranc:@pairs.onnx@5', 'did you mean "rerank"?'],
  [
    'evaluate @items.parquet --with rerank:@pictures.onnx@5',
    'no column "path" (there are: embedding, label, category), and rerank compares',
  ],
  ['evaluate @dim3.parquet --with rerank:@pairs.onnx@5', 'rerank: pairs.onnx takes items of shape [4], but these are [3]'],
  ['evaluate @items.parquet --with rerank:@nan.onnx@5 --results @rr.arrow', 'rerank: nan.onnx gave NaN for query '],
  ['evaluate @items.parquet --column lable=x', '--column: must be ROLE=NAME'],
  ['evaluate @items.parquet --column label=nothere', 'no column "nothere" for label'],
  ['evaluate @nogallery.parquet', 'the gallery is empty'],
  ['evaluate @noquery.parquet', 'there are no queries'],
  ['evaluate @onlyquery.parquet', 'column "is_query" without "is_gallery"'],
  ['evaluate @unlabelled.parquet', 'no column "label"'],
  ['evaluate --queries @items.parquet', 'give a table, or both --queries and --gallery'],
  ['evaluate', 'give a table, or both --queries and --gallery'],
  ['evaluate @items.parquet --gallery @items.parquet', 'give either one table, or --queries and --gallery'],
  ['evaluate --queries @items.parquet --gallery @items.parquet --same-id', 'no column "id", which --same-id needs'],
  ['evaluate @items.parquet --out @no/such/folder/m.json', 'no/such/folder'],
  ['evaluate @items.parquet --report @file/report.html', 'report.html'],
  ['evaluate @items.parquet --results @', ': '],
  ['evaluate @items.parquet --memory 2', '--memory: must be a size with its unit, for example 2GB or 512MiB, not "2"'],
  ['evaluate @items.parquet --memory 0MB', '--memory: must be a size with its unit'],
  ['evaluate @items.parquet --memory 2GBs', '--memory: must be a size with its unit'],
  ['search @items.parquet --out @x.arrow --memory 1KB', '1 KB of memory is too little to search 12 x 4 with k = 100: it takes at least '],
  [
    'evaluate --queries @items.parquet --gallery - --memory 1GB',
    'with --memory the gallery may be read more than once, which stdin cannot',
  ],
  ['evaluate @items.parquet --config @bad.yaml', 'bad.yaml: unknown option "metrcs"; did you mean "metrics"?'],
  ['evaluate @items.parquet --config @bad-k.yaml', 'bad-k.yaml, "k": must be a positive integer, not "none"'],
  [
    'evaluate @items.parquet --config @bad-with.yaml',
    'bad-with.yaml, "with": must be a text or a list of texts (in quotes where a colon is followed by a blank), not [{"constant":0.8}]',
  ],
  ['evaluate @items.parquet --config @bad-by.yaml', 'bad-by.yaml, "by": must be names, as a list or separated by commas, not 3'],
  ['evaluate @items.parquet --config @none.yaml', 'none.yaml: no such file'],
  ['search @items.parquet --radius near --out @x.arrow', '--radius: must be a number, not "near"'],
  ['search @items.parquet --radius 1 --k 5 --out @x.arrow', 'give either --radius or --k'],
  ['evaluate @items.parquet --radius 1 --engine hnsw', '--radius goes with --engine exact, not with hnsw'],
  ['search @items.parquet', 'say where the results go: --out FILE'],
  ['postprocess @items.parquet --out @x.arrow', 'say what to do: --with SPEC'],
  ['postprocess @items.parquet --with constant-threshold:1 --out @x.arrow', 'no column "retrieved"'],
  ['metrics @items.parquet', 'no column "retrieved"'],
  ['metrics', 'give the saved results to measure'],
  ['metrics @nothere.arrow', 'nothere.arrow: '],
  ['evaluate @items.parquet --nosuch', "unknown option '--nosuch'"],
  ['evalute @items.parquet', "unknown command 'evalute'"],
];

describe("a user's mistake", () => {
  it.each(CASES)('rankstream %s', async (line, message) => {
    const args = line.split(' ').map((word) => word.replace(/^(rerank:|reranc:)?@/, (_, step = '') => `${step}${folder}/`));
    const { status, stdout, stderr } = await rankstream(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    // One line; commander adds its hint to lines of its own.
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((text) => !text.startsWith('(')),
    ).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('finds out about an output that cannot be written before it reads anything', async () => {
    const { stderr } = await rankstream(['evaluate', at('nothere.parquet'), '--out', at('no/such/m.json')]);
    expect(stderr).toContain('no/such');
    expect(stderr).not.toContain('nothere');
  });

  it('finds out about a device that is not there before it reads anything', async () => {
    // Where the machine has one, an empty list of drivers hides it.
    const hidden = { VK_DRIVER_FILES: '/nowhere.json', CUDA_VISIBLE_DEVICES: '' };
    for (const device of process.platform === 'linux' ? ['webgpu', 'cuda'] : ['cuda']) {
      for (const command of ['evaluate', 'search']) {
        const args = [command, at('nothere.parquet'), '--device', device, '--out', at('never.arrow')];
        const { status, stdout, stderr } = await rankstream(args, { env: hidden });
        expect(stderr).toMatch(new RegExp(`^rankstream: device ${device} is not available here \\(there are: cpu\\): .+\n$`));
        expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      }
    }
  });
});
