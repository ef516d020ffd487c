// From a vector to the outputs: hidden layers with relu, if any, then a linear one.

export function affine(tape, { weight, bias }, x) {
  const product = tape.linear(x, weight);
  return bias === undefined ? product : tape.add(product, bias);
}

export function headOutputs(tape, head, x) {
  head.hidden.forEach((layer, k) => {
    x = tape.named(`head${k + 1}`, tape.relu(affine(tape, layer, x)));
  });
  return affine(tape, head.output, x);
}
