// AssemblyScript: sums of products of centred vectors. Columns stand in panels of four: panel p is float64[rows x 4], columns 4p to 4p + 3, so that
// a tile of 4 x 4 sums stays in registers while two panels pass by.

/** scatter[i, j] += sum over rows of x[i] x[j], for the tiles on and above the diagonal; scatter is float64[4 panels x 4 panels], row-major. */
export function scatter(panels: usize, count: i32, rows: i32, sums: usize): void {
  const panelBytes = <usize>rows << 5;
  const rowBytes = <usize>count << 5;
  for (let p = 0; p < count; p++) {
    const left = panels + <usize>p * panelBytes;
    for (let q = p; q < count; q++) {
      const to = sums + (<usize>p << 2) * rowBytes + (<usize>q << 5);
      let a0 = v128.load(to), b0 = v128.load(to, 16);
      let a1 = v128.load(to + rowBytes), b1 = v128.load(to + rowBytes, 16);
      let a2 = v128.load(to + 2 * rowBytes), b2 = v128.load(to + 2 * rowBytes, 16);
      let a3 = v128.load(to + 3 * rowBytes), b3 = v128.load(to + 3 * rowBytes, 16);
      let x = left, y = panels + <usize>q * panelBytes;
      const end = x + panelBytes;
      for (; x < end; x += 32, y += 32) {
        const c = v128.load(y), d = v128.load(y, 16);
        let v = v128.load64_splat(x);
        a0 = f64x2.add(a0, f64x2.mul(v, c)); b0 = f64x2.add(b0, f64x2.mul(v, d));
        v = v128.load64_splat(x, 8);
        a1 = f64x2.add(a1, f64x2.mul(v, c)); b1 = f64x2.add(b1, f64x2.mul(v, d));
        v = v128.load64_splat(x, 16);
        a2 = f64x2.add(a2, f64x2.mul(v, c)); b2 = f64x2.add(b2, f64x2.mul(v, d));
        v = v128.load64_splat(x, 24);
        a3 = f64x2.add(a3, f64x2.mul(v, c)); b3 = f64x2.add(b3, f64x2.mul(v, d));
      }
      v128.store(to, a0); v128.store(to, b0, 16);
      v128.store(to + rowBytes, a1); v128.store(to + rowBytes, b1, 16);
      v128.store(to + 2 * rowBytes, a2); v128.store(to + 2 * rowBytes, b2, 16);
      v128.store(to + 3 * rowBytes, a3); v128.store(to + 3 * rowBytes, b3, 16);
    }
  }
}
