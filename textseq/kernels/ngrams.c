/* Hashed n-grams: a row of an embedding table for every run of neighbouring tokens. */

#include <stdint.h>
#include <string.h>

/* Write of each text its ids, then the row of each of its pairs, then of its triples, and so on up
   to runs of `longest`. Rows are first_row + a hash under n_buckets (at most 2^32).

   Texts lie end to end, text i at ids[offsets[i]] to ids[offsets[i + 1]], and again in `out` by
   `out_offsets`, which the caller computed. textseq/text/hashed_ngrams.py tells the hash. */
void append_ngrams(const int64_t *ids, const int64_t *offsets, int64_t n_texts, int64_t longest,
                   int64_t first_row, int64_t n_buckets, int64_t *out, const int64_t *out_offsets) {
    for (int64_t i = 0; i < n_texts; i++) {
        const int64_t *own = ids + offsets[i];
        int64_t length = offsets[i + 1] - offsets[i];
        int64_t *next = out + out_offsets[i];
        memcpy(next, own, length * sizeof *own);
        next += length;
        for (int64_t size = 2; size <= longest && size <= length; size++) {
            for (int64_t start = 0; start + size <= length; start++) {
                uint64_t hash = (uint64_t)own[start];
                for (int64_t t = start + 1; t < start + size; t++)
                    hash = hash * 116049371u + (uint64_t)own[t];
                hash = (hash * 0x9E3779B97F4A7C15u) >> 32;
                *next++ = first_row + (int64_t)((hash * (uint64_t)n_buckets) >> 32);
            }
        }
    }
}
