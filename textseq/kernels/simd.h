/* Short vectors of floats, as wide as the processor this build is for. */
#ifndef TEXTSEQ_SIMD_H
#define TEXTSEQ_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif

typedef float vector __attribute__((vector_size(4 * WIDTH)));
typedef int32_t vector_of_bits __attribute__((vector_size(4 * WIDTH)));
typedef float anywhere __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const float *from) { return *(const anywhere *)from; }

INLINE void store(float *to, vector value) { *(anywhere *)to = value; }

INLINE vector broadcast(float value) { return value - (vector){0}; }

INLINE vector blend(vector_of_bits where, vector yes, vector no) {
    return (vector)((where & (vector_of_bits)yes) | (~where & (vector_of_bits)no));
}

/* NaN passes through, since it compares as neither more nor less. */
INLINE vector clamped(vector x, float low, float high) {
    x = blend(x < low, broadcast(low), x);
    return blend(x > high, broadcast(high), x);
}

/* x P(x^2) / Q(x^2), fitted to tanh on [-8.5, 8.5]; the relative error is under 4e-7. */
INLINE vector tanh_of(vector x) {
    x = clamped(x, -8.5f, 8.5f);
    vector u = x * x;
    vector p = 1.4268951800050125e-8f * u + 2.1250853216835344e-5f;
    p = p * u + 3.534015644908142e-3f;
    p = p * u + 1.3413237674587256e-1f;
    p = p * u + 9.999999882587348e-1f;
    vector q = 8.145012812011807e-7f * u + 3.348846165218398e-4f;
    q = q * u + 2.60227092203296e-2f;
    q = q * u + 4.6746560434939555e-1f;
    q = q * u + 1.0f;
    return x * p / q;
}

/* 2^n 2^f with n whole and f in [-1/2, 1/2]; 2^f by its Taylor series to the 7th power. */
INLINE vector exp_of(vector x) {
    x = clamped(x, -87.0f, 88.0f) * 1.44269504f;
    const float magic = 12582912.0f; /* adding 3 * 2^22 leaves the nearest whole number */
    vector rounded = x + magic;
    vector f = x - (rounded - magic);
    vector power = 1.52527338e-5f * f + 1.54035304e-4f;
    power = power * f + 1.33335581e-3f;
    power = power * f + 9.61812911e-3f;
    power = power * f + 5.55041087e-2f;
    power = power * f + 2.40226507e-1f;
    power = power * f + 6.93147181e-1f;
    power = power * f + 1.0f;
    vector_of_bits exponent = (vector_of_bits)rounded << 23;
    return (vector)((vector_of_bits)power + exponent);
}

INLINE vector sigmoid_of(vector x) { return 1.0f / (1.0f + exp_of(-x)); }

#endif
