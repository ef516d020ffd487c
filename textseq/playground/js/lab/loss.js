// What an answer costs, and the gradient of that.

// Cross-entropy of classes: mean over rows of -log softmax(logits)[target]; a target a row.
export function crossEntropy(logits, targets) {
  const { rows, columns } = logits;
  const grad = new Float64Array(logits.data.length);
  let [loss, right] = [0, 0];
  for (let b = 0; b < rows; b++) {
    const row = logits.row(b);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    loss -= (row[targets[b]] - largest - Math.log(sum)) / rows;
    right += row[targets[b]] === largest ? 1 / rows : 0;
    for (let k = 0; k < columns; k++)
      grad[b * columns + k] =
        (Math.exp(row[k] - largest) / sum - (k === targets[b] ? 1 : 0)) / rows;
  }
  return { loss, right, grad };
}

// Mean squared error of numbers.
export function squaredError(answers, targets) {
  const grad = answers.data.map((value, b) => (2 * (value - targets[b])) / targets.length);
  const loss = answers.data.reduce(
    (sum, value, b) => sum + (value - targets[b]) ** 2 / targets.length,
    0,
  );
  return { loss, right: null, grad };
}
