/* Lines of a word, a space and printed numbers, to words and 32-bit floats.

   Only lines that leave no doubt are read here: a word that is not empty and is UTF-8, then as
   many finite numbers as every line has, single spaces between. All others are reported, and
   Python reads them one by one or says what is wrong with them.

   A number becomes what Python's float(), rounded to 32 bits, makes of it. Its first 19 digits as
   an integer, times or divided by a power of ten, all in double precision, are within 4 units in
   the last place of the exact value. Rounded to 32 bits the result is the right one unless the
   exact value is so near the middle of two 32-bit floats that those units decide: such numbers,
   those of more digits, and powers of ten beyond 22, are left to strtod. */

#include "bytes.h"
#include "layout.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 400 }; /* bytes; longer ones are left to Python */

static const uint64_t EACH = 0x0101010101010101u; /* 1 in each of 8 bytes */

/* How many of 8 bytes are digits before the first that is not. */
static int64_t leading_digits(uint64_t bytes) {
    uint64_t high = 128 * EACH, plain = bytes & ~high;
    uint64_t is_digit = (plain + (128 - '0') * EACH) & ~(plain + (127 - '9') * EACH);
    uint64_t others = (~is_digit | bytes) & high;
    return others ? __builtin_ctzll(others) / 8 : 8;
}

/* The number that 8 digits spell: neighbours are joined to pairs, pairs to fours, fours to one. */
static uint64_t spelt(uint64_t digits) {
    digits = (digits & 15 * EACH) * (1 + (10 << 8)) >> 8;
    digits = (digits & 0x00FF00FF00FF00FFu) * (1 + (100 << 16)) >> 16;
    return (digits & 0x0000FFFF0000FFFFu) * (1 + ((uint64_t)10000 << 32)) >> 32;
}

/* Read digits, joining their value to `*value`; returns how many there were. */
static int64_t read_digits(const uint8_t **at, const uint8_t *end, uint64_t *value) {
    static const uint64_t TEN_TO[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    int64_t all = 0, count;
    do {
        uint64_t bytes = 0;
        if (end - *at >= 8)
            bytes = load8(*at);
        else
            for (int64_t place = 0; place < end - *at; place++)
                bytes |= (uint64_t)(*at)[place] << 8 * place;
        count = leading_digits(bytes);
        if (count)
            *value = *value * TEN_TO[count] + spelt(bytes << (64 - 8 * count));
        *at += count;
        all += count;
    } while (count == 8);
    return all;
}

static int spelt_exactly(const uint8_t *start, int64_t length, float *number) {
    char text[LONGEST_NUMBER + 1], *stopped;
    if (length > LONGEST_NUMBER)
        return 0;
    memcpy(text, start, (size_t)length);
    text[length] = 0;
    *number = (float)strtod(text, &stopped);
    return stopped == text + length;
}

/* Read a finite number; returns where it ends, 0 if there is none. */
static const uint8_t *read_number(const uint8_t *start, const uint8_t *end, float *number) {
    static const double TEN_TO[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const uint8_t *at = start;
    int is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    uint64_t value = 0;
    int64_t digits = read_digits(&at, end, &value), power = 0;
    if (at < end && *at == '.') {
        at++;
        power = -read_digits(&at, end, &value);
        digits -= power;
    }
    if (!digits)
        return 0;
    /* 19 digits fit into 64 bits. */
    int is_simple = digits <= 19;
    if (at < end && (*at | 32) == 'e') {
        at++;
        int falls = at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        uint64_t exponent = 0;
        int64_t exponent_digits = read_digits(&at, end, &exponent);
        if (!exponent_digits)
            return 0;
        is_simple &= exponent_digits <= 4;
        power += is_simple ? (falls ? -(int64_t)exponent : (int64_t)exponent) : 0;
    }
    if (value == 0 && is_simple) {
        *number = is_negative ? -0.0f : 0.0f;
        return at;
    }
    /* 10^22 is the largest power of ten that a double holds exactly. */
    if (is_simple && power >= -22 && power <= 22) {
        double near = (double)value;
        near = power < 0 ? near / TEN_TO[-power] : near * TEN_TO[power];
        uint64_t bits;
        memcpy(&bits, &near, sizeof bits);
        /* The 29 bits that rounding drops, as the distance from their middle. */
        int64_t from_middle = (int64_t)(bits & 0x1FFFFFFF) - 0x10000000;
        int is_exact = value <= (uint64_t)1 << 53;
        if (near < 1e30 && (is_exact || from_middle < -4 || from_middle > 4)) {
            *number = (float)(is_negative ? -near : near);
            return at;
        }
    }
    return spelt_exactly(start, at - start, number) && isfinite(*number) ? at : 0;
}

/* Whether bytes are UTF-8 as Python reads it: no surrogates, nothing longer than it need be. */
static int is_utf8(const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        uint8_t lead = *at++;
        if (lead < 0x80)
            continue;
        int following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || end - at < following)
            return 0;
        uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (*at < least || *at > most)
            return 0;
        for (at++; --following; at++)
            if (*at < 0x80 || *at > 0xBF)
                return 0;
    }
    return 1;
}

/* Read one line, without its newline; the word's end is set if the line is sound. */
static int read_line(const uint8_t *line, const uint8_t *end, int64_t dim, float *row,
                     const uint8_t **word_end) {
    end -= end > line && end[-1] == '\r';
    end -= end > line && end[-1] == ' '; /* which fastText puts there */
    const uint8_t *at = memchr(line, ' ', (size_t)(end - line));
    *word_end = at;
    for (int64_t column = 0; column < dim && at; column++)
        at = at < end && *at == ' ' ? read_number(at + 1, end, &row[column]) : 0;
    if (at == end && *word_end && *word_end > line && is_utf8(line, *word_end))
        return SOUND;
    for (at = line; at < end && *at == ' ';)
        at++;
    return at == end ? BLANK : DOUBTFUL;
}

/* Read whole lines.

   text       each line ends in a newline
   longest    bytes of the longest line that is read
   dim        numbers a line, 1 or more
   matrix     (n_lines, dim) its first rows are set to those of the sound lines
   words      (n_bytes) set to the words of the sound lines, a newline after each
   n_letters  set to the bytes written there
   kinds      (n_lines) set to BLANK, SOUND, DOUBTFUL or TOO_LONG
   Returns the number of sound lines. */
int64_t vectors_read(const uint8_t *text, int64_t n_bytes, int64_t longest, int64_t dim,
                     float *matrix, uint8_t *words, int64_t *n_letters, uint8_t *kinds) {
    const uint8_t *end = text + n_bytes, *newline, *word_end;
    uint8_t *letter = words;
    int64_t n_sound = 0;
    for (; (newline = memchr(text, '\n', (size_t)(end - text))); text = newline + 1) {
        *kinds = newline - text > longest
                     ? TOO_LONG
                     : read_line(text, newline, dim, matrix + n_sound * dim, &word_end);
        if (*kinds++ != SOUND)
            continue;
        memcpy(letter, text, (size_t)(word_end - text));
        letter += word_end - text;
        *letter++ = '\n';
        n_sound++;
    }
    *n_letters = letter - words;
    return n_sound;
}
