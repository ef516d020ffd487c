// Numbers drawn from a seed: the same seed, the same numbers, in any browser.

// Steele & Vigna's SplitMix, in 32 bits ("mulberry32").
export function seededRandom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform, // in [0, 1)
    between: (low, high) => low + (high - low) * uniform(),
    integer: (below) => Math.floor(uniform() * below), // 0 ... below - 1
    // Box & Muller (1958), "A Note on the Generation of Random Normal Deviates".
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
