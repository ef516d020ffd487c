// Small tasks, each with batches drawn from a seed: what is read, and what should be answered.
//
// A batch has `steps`, T lists of what its B rows read there (ids of words, or numbers), and
// `targets`, a list of B answers for each step of `answered`.
// `reads` "words" or "numbers"; `answers` how many classes (1: a number); `guessing` what the loss
// of an answer without any reading is; `goal` the loss below which a task counts as learnt.

const listOf = (length, of) => Array.from({ length }, (_, k) => of(k));
export const ECHO_DELAY = 4;
const SINE_START = 4;
const onlyLast = (T) => [T - 1];

export const TASKS = {
  // The first word is one of two, all others say nothing: Hochreiter & Schmidhuber (1997),
  // experiment 2, with one word to remember.
  first: {
    reads: "words",
    words: ["yes", "no", "and", "so", "then", "but", "well", "now"],
    answers: 2,
    guessing: Math.log(2),
    goal: 0.1,
    answered: onlyLast,
    draw(random, rows, T) {
      const first = listOf(rows, () => random.integer(2));
      const steps = listOf(T, (t) => (t ? listOf(rows, () => 2 + random.integer(6)) : first));
      return { steps, targets: [first] };
    },
  },

  // At each step the word of ECHO_DELAY steps before.
  echo: {
    reads: "words",
    words: ["do", "re", "mi", "fa"],
    answers: 4,
    guessing: Math.log(4),
    goal: 0.1,
    answered: (T) => listOf(T - ECHO_DELAY, (k) => k + ECHO_DELAY),
    draw(random, rows, T) {
      const steps = listOf(T, () => listOf(rows, () => random.integer(4)));
      return { steps, targets: steps.slice(0, T - ECHO_DELAY) };
    },
  },

  // At each step, whether the ones so far are odd in number.
  parity: {
    reads: "words",
    words: ["0", "1"],
    answers: 2,
    guessing: Math.log(2),
    goal: 0.1,
    answered: (T) => listOf(T, (t) => t),
    draw(random, rows, T) {
      const steps = listOf(T, () => listOf(rows, () => random.integer(2)));
      const odd = listOf(rows, () => 0);
      return { steps, targets: steps.map((bits) => bits.map((bit, b) => (odd[b] = odd[b] ^ bit))) };
    },
  },

  // Numbers in rising order, or the same in falling order: what is in them tells nothing.
  order: {
    reads: "numbers",
    answers: 2,
    guessing: Math.log(2),
    goal: 0.1,
    answered: onlyLast,
    draw(random, rows, T) {
      const falls = listOf(rows, () => random.integer(2));
      const series = falls.map((fall) => {
        const rising = listOf(T, () => random.between(-1, 1)).sort((a, b) => a - b);
        return fall ? rising.reverse() : rising;
      });
      return { steps: listOf(T, (t) => series.map((values) => values[t])), targets: [falls] };
    },
  },

  // A sine of any frequency and phase: at each step but the first ones, which can't tell it yet,
  // the number that comes next.
  sine: {
    reads: "numbers",
    answers: 1,
    guessing: 0.5, // the variance of a sine
    goal: 0.01,
    answered: (T) => listOf(T - SINE_START, (k) => k + SINE_START),
    draw(random, rows, T) {
      const waves = listOf(rows, () => [random.between(0.2, 0.8), random.between(0, 2 * Math.PI)]);
      const at = (t) => waves.map(([frequency, phase]) => Math.sin(frequency * t + phase));
      return {
        steps: listOf(T, at),
        targets: listOf(T - SINE_START, (k) => at(k + SINE_START + 1)),
      };
    },
  },
};

// Sentences of films, with what they say of them: { words: [...], training: [[ids, class], ...],
// validation: the same }. A batch is of sentences of one length, so that nothing is padded.
export function sentimentTask({ words, training, validation }) {
  const ofLength = byLength(training);
  const asBatch = (sentences) => ({
    steps: listOf(sentences[0][0].length, (t) => sentences.map(([ids]) => ids[t])),
    targets: [sentences.map(([, answer]) => answer)],
  });
  return {
    reads: "words",
    words,
    answers: 2,
    guessing: Math.log(2),
    goal: 0.1,
    answered: onlyLast,
    draw(random, rows) {
      const alike = ofLength.get(training[random.integer(training.length)][0].length);
      return asBatch(listOf(rows, () => alike[random.integer(alike.length)]));
    },
    validation: [...byLength(validation).values()].map(asBatch),
  };
}

function byLength(sentences) {
  const groups = new Map();
  for (const sentence of sentences) {
    const length = sentence[0].length;
    groups.set(length, [...(groups.get(length) ?? []), sentence]);
  }
  return groups;
}
