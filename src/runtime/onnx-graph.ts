import { PbfWriter } from 'pbf';

/*
 * ONNX models written field by field (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): our graphs are a few nodes around large matrices,
 * which are passed as external data and are never copied into the protobuf.
 */

export const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type TensorType = keyof typeof TYPES;

export interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** An integer, several, or a float, which is written with `{ float }`. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | { float: number }>>;
}

export interface Value {
  readonly name: string;
  readonly type: TensorType;
  /** A text is a size that is known when the model runs. */
  readonly dims: readonly (number | string)[];
}

/** An initializer that is passed as external data under its own name. */
export interface External {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
}

/** Numbers that stand in the model. */
export interface Constant {
  readonly name: string;
  readonly values: Uint8Array | Float32Array | BigInt64Array;
  /** Default: a vector; none for one number that is no vector. */
  readonly dims?: readonly number[];
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly external?: readonly External[];
  readonly constants?: readonly Constant[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

const BYTES: Readonly<Record<TensorType, number>> = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, float16: 2 };

/** The model as protobuf bytes (opset 18). */
export function onnxModel(graph: Graph): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, 8); // ir_version
  message(model, 8, (opset) => opset.writeVarintField(2, 18));
  message(model, 7, (to) => {
    for (const one of graph.nodes) message(to, 1, (inner) => node(inner, one));
    to.writeStringField(2, 'rankstream');
    for (const value of graph.external ?? []) message(to, 5, (inner) => external(inner, value));
    for (const value of graph.constants ?? []) message(to, 5, (inner) => constant(inner, value));
    for (const value of graph.inputs) message(to, 11, (inner) => valueInfo(inner, value));
    for (const value of graph.outputs) message(to, 12, (inner) => valueInfo(inner, value));
  });
  return model.finish();
}

function message(to: PbfWriter, field: number, write: (to: PbfWriter) => void): void {
  to.writeMessage(field, (_, inner) => write(inner), null);
}

function node(to: PbfWriter, { type, inputs, outputs, attributes = {} }: Node): void {
  for (const name of inputs) to.writeStringField(1, name);
  for (const name of outputs) to.writeStringField(2, name);
  to.writeStringField(4, type);
  for (const [name, value] of Object.entries(attributes)) {
    message(to, 5, (attribute) => {
      attribute.writeStringField(1, name);
      if (typeof value === 'number') attribute.writeVarintField(3, value);
      else if ('float' in value) attribute.writeFloatField(2, value.float);
      else for (const one of value) attribute.writeVarintField(8, one);
      attribute.writeVarintField(20, typeof value === 'number' ? 2 : 'float' in value ? 1 : 7); // type: INT, FLOAT, INTS
    });
  }
}

function external(to: PbfWriter, { name, type, dims }: External): void {
  for (const dim of dims) to.writeVarintField(1, dim);
  to.writeVarintField(2, TYPES[type]);
  to.writeStringField(8, name);
  const length = dims.reduce<number>((product, dim) => product * dim, BYTES[type]);
  for (const [key, value] of Object.entries({ location: name, offset: '0', length: String(length) })) {
    message(to, 13, (entry) => {
      entry.writeStringField(1, key);
      entry.writeStringField(2, value);
    });
  }
  to.writeVarintField(14, 1); // data_location: EXTERNAL
}

function constant(to: PbfWriter, { name, values, dims = [values.length] }: Constant): void {
  for (const dim of dims) to.writeVarintField(1, dim);
  to.writeVarintField(2, values instanceof Uint8Array ? TYPES.uint8 : values instanceof Float32Array ? TYPES.float32 : TYPES.int64);
  to.writeStringField(8, name);
  to.writeBytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)); // raw_data
}

function valueInfo(to: PbfWriter, { name, type, dims }: Value): void {
  to.writeStringField(1, name);
  message(to, 2, (typeProto) =>
    message(typeProto, 1, (tensor) => {
      tensor.writeVarintField(1, TYPES[type]);
      message(tensor, 2, (shape) => {
        for (const dim of dims) {
          message(shape, 1, (d) => (typeof dim === 'number' ? d.writeVarintField(1, dim) : d.writeStringField(2, dim)));
        }
      });
    }),
  );
}
