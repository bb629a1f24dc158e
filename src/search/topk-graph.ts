import { PbfWriter } from 'pbf';

/*
 * The search as one ONNX graph, written field by field (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto):
 *   scores = alpha * queries @ gallery^T + bias      Gemm; gallery and bias are initializers, so that ONNX Runtime prepacks the gallery once
 *   ids = int32(TopK(scores, k, smallest))           unsorted: candidates are re-scored and sorted afterwards
 */

/** Paths under which the initializers are passed as external data. */
export const GALLERY_DATA = 'gallery';
export const BIAS_DATA = 'bias';

export interface TopKGraph {
  /** Gallery rows. */
  readonly rows: number;
  readonly dim: number;
  /** Factor of the dot product: -2 for squared distances, -1 for similarities. */
  readonly alpha: number;
}

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;

/** The model as protobuf bytes: inputs `queries` float32 [batch, dim] and `k` int64 [1], output `ids` int32 [batch, k]. */
export function topKGraph({ rows, dim, alpha }: TopKGraph): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, 8); // ir_version
  message(model, 8, (opset) => opset.writeVarintField(2, 17));
  message(model, 7, (graph) => {
    message(graph, 1, node('Gemm', ['queries', 'gallery', 'bias'], ['scores'], { alpha, transB: 1 }));
    message(graph, 1, node('TopK', ['scores', 'k'], ['values', 'positions'], { largest: 0, sorted: 0 }));
    message(graph, 1, node('Cast', ['positions'], ['ids'], { to: INT32 }));
    graph.writeStringField(2, 'topk');
    message(graph, 5, initializer('gallery', [rows, dim], GALLERY_DATA));
    message(graph, 5, initializer('bias', [rows], BIAS_DATA));
    message(graph, 11, valueInfo('queries', FLOAT, ['batch', dim]));
    message(graph, 11, valueInfo('k', INT64, [1]));
    message(graph, 12, valueInfo('ids', INT32, ['batch', 'candidates']));
  });
  return model.finish();
}

type Write = (to: PbfWriter) => void;

function message(to: PbfWriter, field: number, write: Write): void {
  to.writeMessage(field, (_, inner) => write(inner), null);
}

function node(type: string, inputs: string[], outputs: string[], attributes: Record<string, number>): Write {
  return (to) => {
    for (const name of inputs) to.writeStringField(1, name);
    for (const name of outputs) to.writeStringField(2, name);
    to.writeStringField(4, type);
    for (const [name, value] of Object.entries(attributes)) {
      message(to, 5, (attribute) => {
        attribute.writeStringField(1, name);
        if (name === 'alpha') attribute.writeFloatField(2, value);
        else attribute.writeVarintField(3, value);
        attribute.writeVarintField(20, name === 'alpha' ? 1 : 2); // type: FLOAT, INT
      });
    }
  };
}

function initializer(name: string, dims: number[], location: string): Write {
  return (to) => {
    for (const dim of dims) to.writeVarintField(1, dim);
    to.writeVarintField(2, FLOAT);
    to.writeStringField(8, name);
    const bytes = dims.reduce((product, dim) => product * dim, 4);
    for (const [key, value] of Object.entries({ location, offset: '0', length: String(bytes) })) {
      message(to, 13, (entry) => {
        entry.writeStringField(1, key);
        entry.writeStringField(2, value);
      });
    }
    to.writeVarintField(14, 1); // data_location: EXTERNAL
  };
}

function valueInfo(name: string, type: number, dims: (number | string)[]): Write {
  return (to) => {
    to.writeStringField(1, name);
    message(to, 2, (typeProto) =>
      message(typeProto, 1, (tensor) => {
        tensor.writeVarintField(1, type);
        message(tensor, 2, (shape) => {
          for (const dim of dims) {
            message(shape, 1, (d) => (typeof dim === 'number' ? d.writeVarintField(1, dim) : d.writeStringField(2, dim)));
          }
        });
      }),
    );
  };
}
