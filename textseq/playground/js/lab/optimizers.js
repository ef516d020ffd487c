// How weights follow their gradients.

// Plain gradient descent: w <- w - rate g.
function descent(parameters) {
  return (rate) => {
    for (const { data, grad } of parameters)
      for (let k = 0; k < data.length; k++) data[k] -= rate * grad[k];
  };
}

// Kingma & Ba (2015), "Adam: A Method for Stochastic Optimization", algorithm 1.
function adam(parameters, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}) {
  const moments = parameters.map(({ data }) => [
    new Float64Array(data.length),
    new Float64Array(data.length),
  ]);
  let step = 0;
  return (rate) => {
    step++;
    const [share1, share2] = [1 - beta1 ** step, 1 - beta2 ** step];
    parameters.forEach(({ data, grad }, place) => {
      const [m, v] = moments[place];
      for (let k = 0; k < data.length; k++) {
        m[k] = beta1 * m[k] + (1 - beta1) * grad[k];
        v[k] = beta2 * v[k] + (1 - beta2) * grad[k] * grad[k];
        data[k] -= (rate * (m[k] / share1)) / (Math.sqrt(v[k] / share2) + epsilon);
      }
    });
  };
}

export const OPTIMIZERS = { adam, sgd: descent };

// The length of all gradients as one vector; longer than `limit` (0: none), they are shortened to
// it. Pascanu, Mikolov & Bengio (2013), algorithm 1.
export function clipGradients(parameters, limit) {
  let sum = 0;
  for (const { grad } of parameters) for (const g of grad) sum += g * g;
  const norm = Math.sqrt(sum);
  if (limit && norm > limit)
    for (const { grad } of parameters)
      for (let k = 0; k < grad.length; k++) grad[k] *= limit / norm;
  return norm;
}
