/* A hash table that gives distinct words the numbers 0, 1, ... in the order they come. */

#include "bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    PADDING = 32, /* zero bytes after a text, more than any look ahead */
    BATCH = 128,  /* words looked up together, so that the processor fetches their slots at once */
};

typedef struct {
    uint64_t hash;
    uint32_t length; /* modulo 2^32 */
    int32_t code;    /* -1 in an empty slot */
} Slot;

typedef struct {
    const uint8_t *start;
    int64_t length;
    uint64_t hash;
} Word;

typedef struct {
    Slot *slots; /* open addressing, at most half full */
    int64_t n_slots;
    int64_t *ends; /* where each distinct word ends in `letters` */
    int64_t n_words, room_words;
    uint8_t *letters; /* the distinct words, a newline after each, then zero bytes */
    int64_t n_letters, room_letters;
    int32_t *codes; /* the number of every word of every text */
    int64_t n_codes, room_codes;
    uint8_t *text; /* the two buffers of the text at work */
    int64_t room_text;
    Word batch[BATCH];
    int n_batch;
} WordTable;

/* Make room for `needed` items; returns 0 if there is no memory. */
static int reserve(void **items, int64_t *room, int64_t needed, size_t item_bytes) {
    if (needed <= *room)
        return 1;
    int64_t larger = *room + *room / 2 > needed ? *room + *room / 2 : needed;
    void *moved = realloc(*items, (size_t)larger * item_bytes);
    if (!moved)
        return 0;
    *items = moved;
    *room = larger;
    return 1;
}

/* Every step can be undone, so different inputs have different results. */
static uint64_t mixed(uint64_t x) {
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    return x ^ x >> 29;
}

/* The first 8 bytes of a word, those beyond its end set to one that UTF-8 does not have: words of
   up to 8 bytes have the same hash only if they are the same. */
static uint64_t hash_of(const uint8_t *word, int64_t length) {
    if (length < 8)
        return mixed(load8(word) | ~UINT64_C(0) << 8 * length);
    uint64_t hash = mixed(load8(word));
    for (int64_t at = 8; at < length; at += 8)
        hash = mixed(hash ^ load8(word + (at + 8 < length ? at : length - 8))) + (uint64_t)length;
    return hash;
}

static int64_t word_start(const WordTable *table, int64_t code) {
    return code ? table->ends[code - 1] + 1 : 0;
}

/* Make the table larger; words met first, most of them frequent, get the first choice of slots. */
static int rehash(WordTable *table, int64_t n_slots) {
    Slot *slots = malloc((size_t)n_slots * sizeof *slots);
    if (!slots)
        return 0;
    memset(slots, -1, (size_t)n_slots * sizeof *slots);
    for (int64_t code = 0; code < table->n_words; code++) {
        int64_t start = word_start(table, code), length = table->ends[code] - start;
        uint64_t hash = hash_of(table->letters + start, length);
        uint64_t mask = (uint64_t)(n_slots - 1), place = hash & mask;
        while (slots[place].code >= 0)
            place = (place + 1) & mask;
        slots[place] = (Slot){hash, (uint32_t)length, (int32_t)code};
    }
    free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    return 1;
}

static int is_at(const WordTable *table, const Slot *slot, const Word *word) {
    if (slot->hash != word->hash || slot->length != (uint32_t)word->length)
        return 0;
    if (word->length <= 8)
        return 1;
    int64_t start = word_start(table, slot->code);
    return table->ends[slot->code] - start == word->length &&
           !memcmp(table->letters + start, word->start, (size_t)word->length);
}

static int add_word(WordTable *table, const Word *word) {
    int64_t end = table->n_letters + word->length;
    if (table->n_words == INT32_MAX ||
        !reserve((void **)&table->ends, &table->room_words, table->n_words + 1, 8) ||
        !reserve((void **)&table->letters, &table->room_letters, end + 1 + PADDING, 1))
        return 0;
    memcpy(table->letters + table->n_letters, word->start, (size_t)word->length);
    memset(table->letters + end, 0, 1 + PADDING);
    table->letters[end] = '\n';
    table->ends[table->n_words++] = end;
    table->n_letters = end + 1;
    return 1;
}

/* Look up the words of the batch, and append their numbers. */
static int look_up(WordTable *table) {
    for (int place_in_batch = 0; place_in_batch < table->n_batch; place_in_batch++) {
        const Word *word = &table->batch[place_in_batch];
        /* From the slot that the hash chooses on, until the word is met or a slot is empty, as at
           least half of them are. */
        uint64_t mask = (uint64_t)(table->n_slots - 1), place = word->hash & mask;
        while (table->slots[place].code >= 0 && !is_at(table, &table->slots[place], word))
            place = (place + 1) & mask;
        Slot *slot = &table->slots[place];
        if (slot->code < 0) {
            if (!add_word(table, word))
                return 0;
            *slot = (Slot){word->hash, (uint32_t)word->length, (int32_t)(table->n_words - 1)};
        }
        table->codes[table->n_codes++] = slot->code;
        if (2 * table->n_words > table->n_slots && !rehash(table, 4 * table->n_slots))
            return 0;
    }
    table->n_batch = 0;
    return 1;
}

static int append(WordTable *table, const uint8_t *start, int64_t length) {
    uint64_t hash = hash_of(start, length);
    __builtin_prefetch(&table->slots[hash & (uint64_t)(table->n_slots - 1)]);
    table->batch[table->n_batch++] = (Word){start, length, hash};
    return table->n_batch < BATCH || look_up(table);
}
