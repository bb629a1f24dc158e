// The layer rule of the project: imports go down only, pipelines -> operators -> src; inside src, see `within`.
const within = {
  // folder of src -> the other folders of src it may import
  data: [],
  runtime: ['data'],
  io: ['data', 'runtime'],
  metrics: ['data', 'runtime'],
  search: ['data', 'runtime'],
  models: ['data', 'io', 'runtime'],
  datasets: ['data', 'io', 'models', 'runtime'],
  // search: k-reciprocal re-ranking asks for the neighbours of neighbours; io: blending reads other results.
  postprocess: ['data', 'io', 'metrics', 'models', 'search'],
  embeddings: ['data', 'metrics', 'search', 'postprocess'],
  report: ['data', 'metrics'],
};

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-is-the-bottom', severity: 'error', from: { path: '^src/' }, to: { path: '^(operators|pipelines|bench|tests)/' } },
    { name: 'operators-below-pipelines', severity: 'error', from: { path: '^operators/' }, to: { path: '^(pipelines|bench|tests)/' } },
    { name: 'no-rxjs-in-src', severity: 'error', from: { path: '^src/' }, to: { path: 'node_modules/rxjs' } },
    { name: 'report-for-pipelines-only', severity: 'error', from: { path: '^operators/' }, to: { path: '^src/report/' } },
    ...Object.entries(within).map(([folder, allowed]) => ({
      name: `src-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
    })),
  ],
  options: { tsConfig: { fileName: 'tsconfig.json' }, doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true },
};
