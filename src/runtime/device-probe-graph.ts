import { PbfWriter } from 'pbf';

/*
 * The smallest graph that makes a device work (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto):
 *   largest = ReduceMax(a @ a)      one number comes back, so that its way to the device and back weighs little
 */

const FLOAT = 1;

/** The model as protobuf bytes: input `a` float32 [n, n], output `largest` float32 [1, 1]. */
export function deviceProbeGraph(): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, 8); // ir_version
  message(model, 8, (opset) => opset.writeVarintField(2, 17));
  message(model, 7, (graph) => {
    message(graph, 1, node('MatMul', ['a', 'a'], 'product'));
    message(graph, 1, node('ReduceMax', ['product'], 'largest'));
    graph.writeStringField(2, 'probe');
    message(graph, 11, matrix('a', 'n'));
    message(graph, 12, matrix('largest', 1));
  });
  return model.finish();
}

type Write = (to: PbfWriter) => void;

function message(to: PbfWriter, field: number, write: Write): void {
  to.writeMessage(field, (_, inner) => write(inner), null);
}

function node(type: string, inputs: string[], output: string): Write {
  return (to) => {
    for (const name of inputs) to.writeStringField(1, name);
    to.writeStringField(2, output);
    to.writeStringField(4, type);
  };
}

function matrix(name: string, side: number | string): Write {
  return (to) => {
    to.writeStringField(1, name);
    message(to, 2, (typeProto) =>
      message(typeProto, 1, (tensor) => {
        tensor.writeVarintField(1, FLOAT);
        message(tensor, 2, (shape) => {
          for (let axis = 0; axis < 2; axis++) {
            message(shape, 1, (dim) => (typeof side === 'number' ? dim.writeVarintField(1, side) : dim.writeStringField(2, side)));
          }
        });
      }),
    );
  };
}
