/** The engine's clock, which is that of every process of a computer, in ms. */
export const engineMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
