/** As numpy.save writes it, format 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). @param shape as in Python: `2, 3` */
export function npyBytes(shape: string, data: Uint8Array, { descr = "'<f4'", fortran = 'False', version = 1 } = {}): Buffer {
  const text = `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': (${shape}), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY${String.fromCharCode(version, 0)}..`, 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}
