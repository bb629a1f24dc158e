/** The part of jstat that is used; it comes without types. */
declare module 'jstat' {
  const jstat: {
    /** The regularised incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
  };
  export default jstat;
}
