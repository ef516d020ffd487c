// Runs of neighbouring tokens as numbers: `textseq/text/hashed_ngrams.py`.

const MULTIPLIER = 116049371n; // of fastText
const GOLDEN = 0x9e3779b97f4a7c15n; // 2^64 over the golden ratio
const LOWER_64_BITS = (1n << 64n) - 1n;

// The ids of a text's pairs, triples and so on, behind those of its tokens.
export function hashedRuns(ids, longest, buckets, tokens) {
  const found = [];
  let hashes = ids.map(BigInt);
  for (let size = 2; size <= Math.min(longest, ids.length); size++) {
    hashes = hashes
      .slice(0, ids.length - size + 1)
      .map((hash, k) => (hash * MULTIPLIER + BigInt(ids[k + size - 1])) & LOWER_64_BITS);
    hashes.forEach((hash, start) => {
      const upper = ((hash * GOLDEN) & LOWER_64_BITS) >> 32n;
      found.push({ id: Number((upper * BigInt(buckets)) >> 32n) + tokens, start, size });
    });
  }
  return found;
}
